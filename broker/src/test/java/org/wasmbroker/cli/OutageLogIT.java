package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.BrokerProcess;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.TestDatabase;

/** What a broker writes to its log while its database is away. */
class OutageLogIT {
  private static final String ENDLESS = "last(repeat(1))";
  private static final Pattern ADDRESS = Pattern.compile("http=\\S*?:(\\d+)");

  @Test
  void anOutageOfTheDatabaseIsOneLineForEachActivityAtItsBeginningAndAtItsEnd()
      throws IOException, InterruptedException {
    try (var database = TestDatabase.onOwnServer()) {
      var queue = new BrokerQueue(database);
      try (var process =
              BrokerProcess.start(
                  database,
                  "run",
                  "--set",
                  "queue.lease=3s",
                  "--set",
                  "database.query-timeout=1s",
                  "--set",
                  "database.connect-timeout=1s",
                  "--set",
                  "dispatch.slots=2",
                  "--set",
                  "limits.time=4m");
          var client = HttpClient.newHttpClient()) {
        var port = port(process.awaitLine("taking steps"));
        // One step ends during the outage, and one keeps its lease to be extended.
        queue.sendTransforms(1, "[range(3000000)] | add", Duration.ofMinutes(4));
        queue.sendTransforms(1, ENDLESS, Duration.ofMinutes(4));
        queue.awaitClaims(1);
        database.crash();
        while (metric(client, port, "wasm_broker_claim_failures_total") < 8) {
          Thread.onSpinWait();
        }
        database.start();
        process.awaitLine("the queue can be read again");
        queue.awaitResults(1);
        process.terminate();
        process.awaitExit();

        var output = process.output();
        assertThat(output)
            .containsOnlyOnce("the queue cannot be read, and is tried again: ")
            .containsOnlyOnce("the queue can be read again after ")
            .containsOnlyOnce("notifications of catalog_queue are not received")
            .doesNotContain("Exception", "\tat ", "marked as broken");
        assertThat(linesOf(output, "WARN", "ERROR").size())
            .as("claims, notifications, leases, outcomes:\n" + output)
            .isBetween(2, 5);
      }
    }
  }

  private static List<String> linesOf(String output, String... levels) {
    return output.lines().filter(line -> Arrays.stream(levels).anyMatch(line::contains)).toList();
  }

  private static int port(String line) {
    var found = ADDRESS.matcher(line);
    assertThat(found.find()).as(line).isTrue();
    return Integer.parseInt(found.group(1));
  }

  private static double metric(HttpClient client, int port, String name)
      throws IOException, InterruptedException {
    var page =
        client
            .send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build(),
                BodyHandlers.ofString())
            .body();
    return page.lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }
}
