package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.BrokerProcess;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.TestDatabase;
import org.wasmbroker.testing.TestModules;

/** What a broker writes to its log while its database is away. */
class OutageLogIT {
  private static final String ENDLESS = "last(repeat(1))";

  @TempDir private Path modules;

  @Test
  void anOutageOfTheDatabaseIsOneLineForEachActivityAtItsBeginningAndAtItsEnd()
      throws IOException, InterruptedException {
    TestModules.addEndless(modules, "endless");
    try (var database = TestDatabase.onOwnServer()) {
      var queue = new BrokerQueue(database);
      try (var process =
              BrokerProcess.start(
                  database,
                  "run",
                  "--set",
                  "queue.lease=15s",
                  "--set",
                  "database.query-timeout=9s",
                  "--set",
                  "database.connect-timeout=3s",
                  "--set",
                  "registry.directory=" + modules,
                  "--set",
                  "dispatch.slots=3",
                  "--set",
                  "limits.time=4m",
                  "--set",
                  "dispatch.drain-grace=100ms");
          var client = BrokerProcess.health(process.awaitLine("taking steps"))) {
        queue.sendTransforms(2, ENDLESS, Duration.ofMinutes(4)); // with outcomes to be written
        queue.sendStep("endless", Duration.ofMinutes(4)); // with a lease to be extended
        queue.awaitClaimed(3);
        database.crash();
        Await.until(
            "claims and renewals have failed",
            () ->
                client.metric("wasm_broker_claim_failures_total") >= 5
                    && client.metric("wasm_broker_lease_renewal_failures_total") >= 3);
        database.start();
        process.awaitLine("the queue can be read again");
        process.terminate();
        process.awaitExit();

        var output = process.output();
        assertThat(output)
            .containsOnlyOnce("the queue cannot be read; trying again: ")
            .containsOnlyOnce("the queue can be read again after ")
            .containsOnlyOnce("notifications of catalog_queue are not received")
            .doesNotContain("Exception", "\tat ", "marked as broken");
        assertThat(problems(output))
            .as("claims, notifications, leases, outcomes:\n" + output)
            .isBetween(3L, 4L);
      }
    }
  }

  private static long problems(String output) {
    return output
        .lines()
        .filter(line -> line.contains(" WARN ") || line.contains(" ERROR "))
        .filter(line -> !line.contains("grace period")) // of its end, not of the outage
        .filter(line -> !line.contains("a suspect starts")) // of the steps, after a long one
        .count();
  }
}
