package org.wasmbroker.protocol.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.LeaseContract;
import org.wasmbroker.protocol.LeasedStepQueue;
import org.wasmbroker.protocol.OutageContract;
import org.wasmbroker.testing.Outcomes;
import org.wasmbroker.testing.TestDatabase;

/** The contract, with a real database. */
class StandaloneContractIT extends LeaseContract {
  private static TestDatabase postgres;
  private static Database database;

  @BeforeAll
  static void open() {
    postgres = TestDatabase.create();
    database = Database.open(postgres.brokerConfig(), "contract-test");
  }

  @AfterAll
  static void closeAll() {
    database.close();
    postgres.close();
  }

  @Override
  protected LeasedStepQueue queue() {
    return new StandaloneSteps(postgres, database, StandaloneConfig.DEFAULTS);
  }

  @Test
  void completionsAndReleasesWaitForAConcurrentRenewal() throws SQLException {
    queue.ready(3);
    var steps = worker.claim(3).steps();
    var lost =
        whileTheLeaseIsRenewed(
            () ->
                worker.complete(
                    List.of(
                        Outcomes.completed(steps.get(0)),
                        Outcomes.retry(steps.get(1), Duration.ZERO))));
    assertThat(lost).isEmpty();
    assertThat(queue.ended()).containsExactly(steps.get(0).id() + " completed");
    whileTheLeaseIsRenewed(
        () -> {
          worker.release(List.of(steps.get(2)));
          return true;
        });
    assertThat(ids(other.claim(9).steps())).isEqualTo(ids(steps.subList(1, 3)));
  }

  private static <T> T whileTheLeaseIsRenewed(Supplier<T> call) throws SQLException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var renewal = postgres.connect();
        var statement = renewal.createStatement()) {
      renewal.setAutoCommit(false);
      statement.execute(
          "update pgmq.q_catalog_queue set vt = vt + interval '1 second' where last_read_at is not null");
      var answer = CompletableFuture.supplyAsync(call, threads);
      OutageContract.untilItWaits(renewal);
      renewal.commit();
      return answer.join();
    }
  }
}
