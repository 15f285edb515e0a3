#!/usr/bin/env bash
# Micrometer 1.17.0: with a SpanContext, its registry for Prometheus writes exemplars at the count of histograms too, and Prometheus 2.42
# refuses the whole page for it: every series of that program is gone as soon as there is one sampled trace. OpenMetrics 1.0 allows exemplars at
# buckets and counters only. It is what PrometheusConfig.prometheusProperties() returns by default; "false" there is the remedy.
# Needs a JDK, Maven, Python and Debian's `prometheus`.
set -euo pipefail
dir=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; rm -rf "$dir"' EXIT
cat >"$dir/pom.xml" <<'XML'
<project>
  <modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>io.micrometer</groupId><artifactId>micrometer-registry-prometheus</artifactId><version>1.17.0</version>
  </dependency></dependencies>
</project>
XML
mvn -q -B -f "$dir/pom.xml" dependency:build-classpath -Dmdep.outputFile="$dir/classpath" >/dev/null
cat >"$dir/Page.java" <<'JAVA'
import io.micrometer.core.instrument.*;
import io.micrometer.prometheusmetrics.*;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.tracer.common.SpanContext;
import java.time.Duration;
import java.util.Properties;

class Page {
  public static void main(String[] args) {
    SpanContext span = new SpanContext() {
      public String getCurrentTraceId() { return "0af7651916cd43dd8448eb211c80319c"; }
      public String getCurrentSpanId() { return "b7ad6b7169203331"; }
      public boolean isCurrentSpanSampled() { return true; }
      public void markCurrentSpanAsExemplar() {}
    };
    PrometheusConfig config = key -> null;
    if (args.length > 0) {
      config = new PrometheusConfig() {
        public String get(String key) { return null; }
        public Properties prometheusProperties() {
          var properties = new Properties();
          properties.setProperty("io.prometheus.exporter.exemplars_on_all_metric_types", args[0]);
          return properties;
        }
      };
    }
    var registry = new PrometheusMeterRegistry(config, new PrometheusRegistry(), Clock.SYSTEM, span);
    Timer.builder("work").serviceLevelObjectives(Duration.ofMillis(1)).register(registry).record(Duration.ofMillis(2));
    System.out.print(registry.scrape("application/openmetrics-text; version=1.0.0; charset=utf-8"));
  }
}
JAVA
java -cp "$(cat "$dir/classpath")" "$dir/Page.java" >"$dir/default"
java -cp "$(cat "$dir/classpath")" "$dir/Page.java" false >"$dir/false"
cat >"$dir/serve.py" <<'PY'
import http.server, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = open(sys.argv[1] + self.path, "rb").read()
        self.send_response(200)
        self.send_header("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Page)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 "$dir/serve.py" "$dir" >"$dir/port" &
pids+=($!)
until [ -s "$dir/port" ]; do sleep 0.1; done
port=$(cat "$dir/port")
cat >"$dir/prometheus.yaml" <<YAML
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - {job_name: default, metrics_path: /default, static_configs: [{targets: ['127.0.0.1:$port']}]}
  - {job_name: "false", metrics_path: /false, static_configs: [{targets: ['127.0.0.1:$port']}]}
YAML
own=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
prometheus --config.file="$dir/prometheus.yaml" --storage.tsdb.path="$dir/data" --web.listen-address="127.0.0.1:$own" 2>/dev/null &
pids+=($!)
python3 - "$own" >"$dir/seen" <<'PY'
import json, sys, time, urllib.request
for _ in range(600):
    time.sleep(0.1)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/api/v1/targets") as answer:
            targets = json.load(answer)["data"]["activeTargets"]
    except OSError:
        continue
    if targets and all(target["health"] != "unknown" for target in targets):
        for target in sorted(targets, key=lambda target: target["labels"]["job"]):
            print(target["labels"]["job"], target["health"], target["lastError"])
        break
PY
cat "$dir/seen"
diff "$dir/seen" - <<'TEXT'
default down metric name work_seconds_count does not support exemplars
false up 
TEXT
