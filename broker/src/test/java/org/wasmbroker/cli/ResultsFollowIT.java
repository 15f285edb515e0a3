package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.BrokerProcess;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.TestDatabase;

class ResultsFollowIT {
  @Test
  void followingOutlivesARestartOfTheDatabase() throws InterruptedException {
    try (var database = TestDatabase.onOwnServer()) {
      var queue = new BrokerQueue(database);
      send(database, "first");
      try (var process = BrokerProcess.start(database, "results", "--follow")) {
        process.awaitLine("first");
        database.stop();
        process.awaitLine("waiting for the database: ");
        database.start();
        process.awaitLine("the database can be read again");
        send(database, "second");
        process.awaitLine("second");
        process.terminate();

        assertThat(process.awaitExit()).isZero();
        assertThat(process.output()).containsOnlyOnce("waiting for the database");
      }
      assertThat(queue.results()).isEqualTo(2);
    }
  }

  private static void send(TestDatabase database, String id) {
    database.execute(
        "select pgmq.send('catalog_results', '{\"success\":true,\"step_uuid\":\"%s\"}')"
            .formatted(id));
  }
}
