package org.wasmbroker.pgmq;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.protocol.OutageContract;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.TestDatabase;

/** Outcomes that wait for a statement of somebody else on the same message. */
class LeasedQueueRaceIT {
  private static final QueueName QUEUE = new QueueName("race");
  private static final QueueName RESULTS = new QueueName("race_results");
  private static final QueueName DEAD_LETTERS = new QueueName("race_dlq");
  private static final Duration LEASE = Duration.ofMinutes(5);

  private static TestDatabase postgres;
  private static Database database;
  private static LeasedQueue queue;

  @BeforeAll
  static void open() {
    postgres = TestDatabase.create();
    postgres.createQueues(QUEUE, RESULTS);
    database = Database.open(postgres.brokerConfig(), "test");
    queue = new LeasedQueue(database, QUEUE, RESULTS, DEAD_LETTERS, true);
  }

  @AfterAll
  static void close() {
    database.close();
    postgres.close();
  }

  @Test
  void anOutcomeThatWaitsForARenewalOfItsLeaseIsWritten() throws SQLException {
    var lease = claimed();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var other = other("set vt = vt + interval '1 minute'", lease)) {
      var lost = complete(lease, threads);
      OutageContract.untilItWaits(other);
      other.commit();
      assertThat(lost.join()).isEmpty();
    }
    assertThat(count("q_race", lease)).isEqualTo("0");
    assertThat(count("a_race", lease)).isEqualTo("1");
  }

  @Test
  void anOutcomeThatWaitsForAClaimOfAnotherIsLost() throws SQLException {
    var lease = claimed();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var other = other("set read_ct = read_ct + 1", lease)) {
      var lost = complete(lease, threads);
      OutageContract.untilItWaits(other);
      other.commit();
      assertThat(lost.join()).containsExactly(lease);
    }
    assertThat(count("q_race", lease)).isEqualTo("1");
    assertThat(count("a_race", lease)).isEqualTo("0");
  }

  @Test
  void anOutcomeThatWaitsForAReleaseIsLost() throws SQLException {
    var lease = claimed();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var other = other("set last_read_at = null", lease)) {
      var lost = complete(lease, threads);
      OutageContract.untilItWaits(other);
      other.commit();
      assertThat(lost.join()).containsExactly(lease);
    }
    assertThat(count("q_race", lease)).isEqualTo("1");
  }

  private static Lease claimed() {
    postgres.execute(
        "delete from pgmq.q_race; insert into pgmq.q_race (vt, message) values (now(), '{}')");
    return queue.claim(LEASE, 1).getFirst().lease();
  }

  private static CompletableFuture<Set<Lease>> complete(Lease lease, ExecutorService threads) {
    var archival = new Archival(lease, Document.of("{}"), null, null);
    return CompletableFuture.supplyAsync(
        () -> queue.complete(List.of(archival), List.of()), threads);
  }

  /** A transaction of another session that has changed the message. */
  private static Connection other(String change, Lease lease) throws SQLException {
    var connection = postgres.connect();
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      statement.execute("update pgmq.q_race " + change + " where msg_id = " + lease.messageId());
    }
    return connection;
  }

  private static @Nullable String count(String table, Lease lease) {
    return postgres
        .query("select count(*) from pgmq.%s where msg_id = %d".formatted(table, lease.messageId()))
        .getFirst();
  }
}
