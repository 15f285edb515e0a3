#!/usr/bin/env bash
# OpenTelemetry SDK for Java 1.68.0: with no collector there, SdkTracerProvider.shutdown() takes more than 5 s (the exporter's retries), and then
# reports success although every span was lost. A program cannot learn from it that its last spans are gone, nor bound its own stop but by
# not waiting for the result. Needs a JDK and Maven.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/pom.xml" <<'XML'
<project>
  <modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>io.opentelemetry</groupId><artifactId>opentelemetry-sdk</artifactId><version>1.68.0</version></dependency>
    <dependency><groupId>io.opentelemetry</groupId><artifactId>opentelemetry-exporter-otlp</artifactId><version>1.68.0</version></dependency>
  </dependencies>
</project>
XML
mvn -q -B -f "$dir/pom.xml" dependency:build-classpath -Dmdep.outputFile="$dir/classpath" >/dev/null
cat >"$dir/Stop.java" <<'JAVA'
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;

class Stop {
  public static void main(String[] args) throws Exception {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort(); // nothing listens there from now on
    }
    var exporter = OtlpHttpSpanExporter.builder().setEndpoint("http://127.0.0.1:" + port + "/v1/traces").build();
    var provider = SdkTracerProvider.builder().addSpanProcessor(BatchSpanProcessor.builder(exporter).build()).build();
    provider.get("a").spanBuilder("lost").startSpan().end();
    long began = System.nanoTime();
    var result = provider.shutdown().join(1, TimeUnit.MINUTES);
    System.out.println("longer than 5 s: " + (System.nanoTime() - began > 5_000_000_000L));
    System.out.println("done: " + result.isDone() + ", success: " + result.isSuccess());
  }
}
JAVA
java -cp "$(cat "$dir/classpath")" "$dir/Stop.java" 2>"$dir/log" >"$dir/seen"
grep -c 'Failed to export' "$dir/log" >>"$dir/seen"
cat "$dir/seen"
diff "$dir/seen" - <<'TEXT'
longer than 5 s: true
done: true, success: true
1
TEXT
