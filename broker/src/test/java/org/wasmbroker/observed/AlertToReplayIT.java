package org.wasmbroker.observed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.BrokerProcess;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.TestDatabase;
import org.wasmbroker.testing.Tutorial;

/**
 * The section "From an alert to a replay" of docs/operations.md, as it is written: a broker in a
 * process of its own, a Prometheus with the rules of deploy/, and a shop that steps call.
 */
class AlertToReplayIT {
  private static final Path DOCUMENT = Path.of("..", "docs", "operations.md");
  private static final Path RULES = Path.of("..", "deploy", "prometheus", "rules.yaml");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\n(.*?)^```$");
  private static final Pattern ADDRESS = Pattern.compile("http=\\S*?:(\\d+)");
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final int STEPS = 3;

  private static final String CLOSED = "HTTP/1.1 503 Closed\r\nContent-Length: 6\r\n\r\nclosed";
  private static final String OPEN = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nopen";

  @TempDir private Path folder;

  /** Whether the shop serves. */
  private volatile boolean open;

  @Test
  void oneFailedStepIsFoundAndReplayedByTheCommandsOfTheDocument() throws Exception {
    var steps = List.of(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());
    try (var database = TestDatabase.create();
        var shop =
            RawServer.start(
                client -> {
                  while (client.readRequest()) {
                    client.write(open ? OPEN : CLOSED);
                  }
                });
        var broker = BrokerProcess.start(database, run(shop))) {
      var queue = new BrokerQueue(database);
      int port = port(broker.awaitLine("taking steps"));
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      try (var prometheus = PrometheusServer.start(folder, Map.of("broker-1", address), RULES)) {
        // From here on its failures have series; before, the first ones would have been their
        // birth.
        while (prometheus.query("wasm_broker_module_info{handler='http_request'}").isEmpty()) {
          prometheus.awaitScrapes("broker-1", 1);
        }
        prometheus.awaitScrapes("broker-1", 2);
        steps.forEach(step -> send(database, step, shop));
        queue.awaitResults(STEPS);
        prometheus.awaitSeries("ALERTS{alertname=\"WasmBrokerDeadLetters\",alertstate=\"firing\"}");
        prometheus.awaitAtLeast(
            STEPS, "sum(wasm_broker_steps_total{outcome=\"exhausted\",handler=\"http_request\"})");

        var log = folder.resolve("broker.log");
        var shell =
            new Tutorial(
                folder,
                Map.of(
                    "PROMETHEUS",
                    prometheus.url(),
                    "LOG",
                    log.toString(),
                    "RECORDINGS",
                    recordings().toString()));
        var blocks = blocks();
        assertThat(blocks).hasSize(5);
        var operator = database.operatorConfig();

        var found = shell.run(blocks.get(0), operator);
        assertThat(found.exitCode()).as(found.output()).isZero();
        assertThat(found.output())
            .contains("\"alertstate\":\"firing\"", "\"reason\":\"exhausted\"")
            .contains("\"error\":\"unexpected_status\"", "\"handler\":\"http_request\"");

        for (var _ : steps) {
          broker.awaitLine("a step failed");
        }
        Files.writeString(log, broker.output());
        var looked = new ArrayList<>(blocks.get(1));
        looked.addAll(blocks.get(2));
        var shown = shell.run(looked, operator);
        assertThat(shown.exitCode()).as(shown.output()).isZero();
        assertThat(shown.output()).contains("503", "trace " + TRACE, "a step failed");
        assertThat(steps).anySatisfy(step -> assertThat(shown.output()).contains("step " + step));

        var again = shell.run(blocks.get(3), operator);
        assertThat(again.exitCode()).as(again.output()).isZero();
        assertThat(again.output()).contains("same outcome: failed", "/price", "503");

        open = true;
        var replay = new ArrayList<>(blocks.get(2).subList(0, 1));
        replay.addAll(blocks.get(4));
        var replayed = shell.run(replay, operator);
        assertThat(replayed.exitCode()).as(replayed.output()).isZero();
        assertThat(replayed.output())
            .contains("would replay 3 dead letters", "replayed 1 dead letter ")
            .contains("replayed 2 dead letters", "no dead letter on catalog_queue_dlq matches");
        assertThat(queue.results("completed")).isEqualTo(STEPS);
        assertThat(queue.stepsWithResults()).isEqualTo(STEPS);
      }
    }
  }

  private String[] run(RawServer shop) throws IOException {
    var policy =
        Files.writeString(
            folder.resolve("policy.yaml"),
            """
            handlers:
              - handler: http_request
                http: [{url: "%s/", networks: [127.0.0.0/8]}]
            """
                .formatted(shop.url()));
    return new String[] {
      "run",
      "--set",
      "policy.file=" + policy,
      "--set",
      "record.handlers=*",
      "--set",
      "record.directory=" + recordings()
    };
  }

  private Path recordings() {
    return folder.resolve("recordings");
  }

  private static void send(TestDatabase database, UUID step, RawServer shop) {
    database.execute(
        """
        select pgmq.send('catalog_queue',
          '{"step_uuid":"%s","handler":"http_request","config":{"url":"%s/price"},"max_attempts":1}'::jsonb,
          '{"traceparent":"00-%s-b7ad6b7169203331-01"}'::jsonb)
        """
            .formatted(step, shop.url(), TRACE));
  }

  private static int port(String line) {
    var found = ADDRESS.matcher(line);
    assertThat(found.find()).as(line).isTrue();
    return Integer.parseInt(found.group(1));
  }

  private static List<List<String>> blocks() throws IOException {
    var text = Files.readString(DOCUMENT);
    var section = text.substring(text.indexOf("\n## From an alert to a replay\n") + 1);
    return BLOCK
        .matcher(section.substring(0, section.indexOf("\n## ")))
        .results()
        .map(block -> block.group(1).lines().toList())
        .toList();
  }
}
