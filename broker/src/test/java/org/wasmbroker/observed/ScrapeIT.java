package org.wasmbroker.observed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.app.Broker;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.TestDatabase;
import tools.jackson.databind.JsonNode;

/** A whole broker, scraped by a real Prometheus; Debian: prometheus. */
class ScrapeIT {
  private static final Path DOCUMENT = Path.of("..", "docs", "metrics.md");
  private static final Path RULES = Path.of("..", "deploy", "prometheus", "rules.yaml");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\| (\\w+) \\|");

  /** A scrape that failed, and not because a busy machine let it wait for the page for a second. */
  private static final String REFUSED =
      "(up == bool 0) * on (instance) (scrape_duration_seconds < bool 0.9)";

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  @Test
  void prometheusTakesEveryPageAndSeesTheFirstEventOfAKind(@TempDir Path folder)
      throws IOException, InterruptedException {
    try (var database = TestDatabase.create()) {
      var queue = new BrokerQueue(database);
      try (var broker = Broker.start(BrokerConfigs.standalone(database.config()));
          var prometheus =
              PrometheusServer.start(folder, Map.of("broker", broker.httpAddress()), RULES)) {
        var invalid = "wasm_broker_dead_letters_total{reason=\"invalid\"}";
        var completed = "wasm_broker_steps_total{outcome=\"completed\",handler=\"transform\"}";
        prometheus.awaitSeries(invalid + " == 0");
        prometheus.awaitSeries(completed + " == 0");
        database.execute("select pgmq.send('catalog_queue', '{\"not\": \"a step\"}'::jsonb)");
        database.execute(tracedStep());
        queue.awaitResults(1);

        // A series that begins with 1 does not increase.
        prometheus.awaitSeries("increase(%s[1h]) > 0".formatted(invalid));
        prometheus.awaitSeries("increase(%s[1h]) > 0".formatted(completed));
        prometheus.awaitSeries("wasm_broker_queue_visible{queue=\"catalog_queue\"} >= 0");
        prometheus.awaitScrapes("broker", 2);
        assertThat(
                prometheus
                    .exemplars(
                        "wasm_broker_step_execution_seconds_bucket",
                        Instant.now().minusSeconds(3600),
                        Instant.now())
                    .toString())
            .contains(TRACE);
        assertThat(prometheus.query("max_over_time((%s)[1h:1s]) == 0".formatted(REFUSED)))
            .as("no page was refused")
            .isNotEmpty();
        assertTypesAreAsDocumented(prometheus.metadata());
        assertThat(prometheus.warnings()).isEmpty();
        assertThat(findings(page(broker))).isEmpty();
      }
    }
  }

  private static String tracedStep() {
    return """
    select pgmq.send('catalog_queue',
      '{"step_uuid": "0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a6b", "handler": "transform",
        "config": {"filter": ".context"}, "input": 1}'::jsonb,
      '{"traceparent": "00-%s-00f067aa0ba902b7-01"}'::jsonb)
    """
        .formatted(TRACE);
  }

  /** OpenMetrics names families without the suffixes of counters and information. */
  private static void assertTypesAreAsDocumented(JsonNode metadata) throws IOException {
    var differing = new TreeMap<String, String>();
    int compared = 0;
    for (var row : ROW.matcher(Files.readString(DOCUMENT)).results().toList()) {
      var name = row.group(1);
      var type = name.endsWith("_info") ? "info" : row.group(2);
      var known = metadata.path(name.replaceFirst("(_total|_info)$", ""));
      if (!known.isMissingNode()) {
        compared++;
        if (!known.path(0).path("type").asString().equals(type)) {
          differing.put(name, known.toString());
        }
      }
    }
    assertThat(differing).isEmpty();
    assertThat(compared).isGreaterThan(70);
  }

  private static String page(Broker broker) throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      var uri = URI.create("http://127.0.0.1:%d/metrics".formatted(broker.httpAddress().getPort()));
      return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    }
  }

  private static String findings(String page) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder("promtool", "check", "metrics").redirectErrorStream(true).start();
    try (var input = process.outputWriter(StandardCharsets.UTF_8)) {
      input.write(page);
    }
    var findings = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(findings).isZero();
    return findings;
  }
}
