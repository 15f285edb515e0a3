package org.wasmbroker.pgmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.TestDatabase;

/** With the role of docs/protocol-standalone.md, whose rights have to be enough. */
class QueueInspectorIT {
  private static final QueueName STEPS = new QueueName("measured");
  private static final QueueName RESULTS = new QueueName("measured_results");
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private static TestDatabase postgres;
  private static Database database;
  private static QueueInspector inspector;

  @BeforeAll
  static void open() {
    postgres = TestDatabase.create();
    postgres.createQueues(STEPS, RESULTS);
    database = Database.open(postgres.brokerConfig(), "queue-inspector-test");
    inspector = new QueueInspector(database, TIMEOUT);
  }

  @AfterAll
  static void close() {
    database.close();
    postgres.close();
  }

  @Test
  void messagesAreCountedByWhoHasThem() {
    postgres.execute("delete from pgmq.q_measured");
    assertThat(inspector.queue(STEPS, 0)).isEqualTo(new QueueState(0, 0, 0, 0, 0));

    postgres.execute(
        "select pgmq.send_batch('measured', array_fill('1'::jsonb, array[10])),"
            + " pgmq.read('measured', 600, 3)");
    postgres.execute(
        "update pgmq.q_measured set vt = now() + '1 h', last_read_at = null where msg_id ="
            + " (select max(msg_id) from pgmq.q_measured)");
    postgres.execute(
        "update pgmq.q_measured set vt = vt - '90 s'::interval, enqueued_at = enqueued_at - '1"
            + " h'::interval where vt <= now()");

    var state = inspector.queue(STEPS, 0);
    assertThat(state.depth()).isEqualTo(10);
    assertThat(state.delayed()).isEqualTo(1);
    assertThat(state.inFlight() + state.visible()).isEqualTo(9);
    assertThat(state.oldestVisibleSeconds()).isBetween(90.0, 1_000.0);
  }

  @Test
  void aQueueOfAnOlderPgmqIsMeasured() {
    postgres.execute("select pgmq.create('older')");
    postgres.execute(
        "select pgmq.send_batch('older', array_fill('1'::jsonb, array[4])),"
            + " pgmq.read('older', 600, 1)");
    postgres.execute("alter table pgmq.q_older drop column last_read_at");
    postgres.execute("grant select on pgmq.q_older to public");

    var state = inspector.queue(new QueueName("older"), 0);
    assertThat(state.inFlight()).isEqualTo(1);
    assertThat(state.visible()).isEqualTo(3);
    assertThat(state.delayed()).isZero();
  }

  @Test
  void messagesBeyondTheBoundAreEstimated() {
    postgres.execute("delete from pgmq.q_measured_results");
    postgres.execute(
        "insert into pgmq.q_measured_results (vt, message) select now() - '1 s'::interval, '1' from"
            + " generate_series(1, "
            + (QueueInspector.COUNTED + 10)
            + ")");

    assertThat(inspector.queue(RESULTS, 250_000).depth()).isEqualTo(250_000);
    assertThat(inspector.queue(RESULTS, 250_000).visible()).isEqualTo(250_000);
    assertThat(inspector.queue(RESULTS, Double.NaN).depth()).isEqualTo(QueueInspector.COUNTED + 1);
    postgres.execute("truncate pgmq.q_measured_results");
  }

  @Test
  void aTableIsMeasuredWithoutReadingIt() {
    postgres.execute("select pgmq.send_batch('measured', array_fill('1'::jsonb, array[50]))");
    postgres.execute("vacuum analyze pgmq.q_measured");

    var tables = inspector.tables(List.of("q_measured", "a_measured", "q_missing"));
    assertThat(tables).containsOnlyKeys("q_measured", "a_measured");
    var queue = Objects.requireNonNull(tables.get("q_measured"));
    assertThat(queue.bytes()).isGreaterThanOrEqualTo(8192);
    assertThat(queue.indexBytes()).isGreaterThanOrEqualTo(8192);
    assertThat(queue.liveRows()).isGreaterThanOrEqualTo(50);
    assertThat(queue.deadRows()).isNotNegative();
    assertThat(queue.vacuumSeconds()).isBetween(0.0, 10_000.0);
    assertThat(Objects.requireNonNull(tables.get("a_measured")).vacuumSeconds()).isNaN();
  }

  @Test
  void thePartitionsOfAQueueAreOneTable() {
    postgres.execute("select pgmq.create('parts')");
    postgres.execute("alter table pgmq.q_parts rename to old_parts");
    postgres.execute(
        "create table pgmq.q_parts (like pgmq.old_parts including defaults) partition by range"
            + " (msg_id)");
    for (int i = 0; i < 3; i++) {
      postgres.execute(
          "create table pgmq.q_parts_%d partition of pgmq.q_parts for values from (%d) to (%d)"
              .formatted(i, i * 100, (i + 1) * 100));
    }
    // Otherwise the rows are counted when the session ends, which may be after the vacuum.
    postgres.execute(
        "insert into pgmq.q_parts (msg_id, vt, message) select i, now(), '1' from"
            + " generate_series(1, 299) i; select pg_stat_force_next_flush()");
    postgres.execute("vacuum analyze pgmq.q_parts");
    postgres.execute("grant select on pgmq.q_parts to public");

    var tables = inspector.tables(List.of("q_parts"));
    assertThat(tables).containsOnlyKeys("q_parts");
    var all = Objects.requireNonNull(tables.get("q_parts"));
    assertThat(all.liveRows()).isEqualTo(299);
    assertThat(all.bytes()).isGreaterThanOrEqualTo(3 * 8192);
    assertThat(all.vacuumSeconds()).isBetween(0.0, 10_000.0);
    assertThat(inspector.queue(new QueueName("parts"), 0).depth()).isEqualTo(299);
  }

  @Test
  void aQueueThatMustNotBeReadIsRefusedForGood() {
    postgres.execute("select pgmq.create('secret')");

    var refused =
        catchThrowableOfType(SqlFailure.class, () -> inspector.queue(new QueueName("secret"), 0));
    assertThat(refused.isTransient()).isFalse();
    assertThat(refused).hasMessageContaining("count the messages of queue secret");
    assertThat(inspector.tables(List.of("q_secret"))).containsOnlyKeys("q_secret");
  }

  @Test
  void aMeasurementThatTakesTooLongIsGivenUp() throws SQLException {
    postgres.execute("select pgmq.create('locked')");
    postgres.execute("grant select on pgmq.q_locked to public");
    var impatient = new QueueInspector(database, Duration.ofMillis(50));
    try (var other = postgres.connect()) {
      other.setAutoCommit(false);
      try (var statement = other.createStatement()) {
        statement.execute("lock table pgmq.q_locked in access exclusive mode");
      }
      assertThatThrownBy(() -> impatient.queue(new QueueName("locked"), 0))
          .isInstanceOfSatisfying(
              SqlFailure.class, failure -> assertThat(failure.isTransient()).isTrue());
      other.rollback();
    }
    assertThat(database.<Integer>call("look", connection -> timeout(connection))).isZero();
  }

  /** The limit on time is of the measurement's transaction only. */
  private static Integer timeout(java.sql.Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "select setting::int from pg_settings where name = 'statement_timeout'")) {
      rows.next();
      return rows.getInt(1);
    }
  }

  @Test
  void anOldTransactionHoldsTheHorizon() throws SQLException {
    try (var old = postgres.connect()) {
      old.setAutoCommit(false);
      try (var statement = old.createStatement()) {
        statement.execute("select pg_current_xact_id()");
      }
      for (int i = 0; i < 5; i++) {
        postgres.execute("select pg_current_xact_id()");
      }
      var horizon = inspector.horizon();
      assertThat(horizon.transactions()).isGreaterThanOrEqualTo(5);
      assertThat(horizon.oldestSeconds()).as("the role may not see it").isNaN();

      try (var privileged = Database.open(postgres.config(), "queue-inspector-test")) {
        assertThat(new QueueInspector(privileged, TIMEOUT).horizon().oldestSeconds()).isPositive();
      }
      old.rollback();
    }
  }
}
