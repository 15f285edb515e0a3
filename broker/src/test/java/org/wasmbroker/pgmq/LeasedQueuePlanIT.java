package org.wasmbroker.pgmq;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.testing.TestDatabase;

/**
 * A deep queue whose statistics date from before anything was claimed, as after each burst of
 * messages: a batch still looks up only its own rows.
 */
class LeasedQueuePlanIT {
  private static final QueueName QUEUE = new QueueName("deep");
  private static final QueueName RESULTS = new QueueName("deep_results");
  private static final QueueName DEAD_LETTERS = new QueueName("deep_dlq");
  private static final int DEPTH = 5_000;
  private static final int BATCH = 300;
  private static final Pattern REMOVED = Pattern.compile("Rows Removed by [A-Za-z ]+: (\\d+)");

  private static TestDatabase postgres;
  private static Database database;
  private static List<Lease> leases;

  @BeforeAll
  static void claimFromADeepQueue() {
    postgres = TestDatabase.create();
    postgres.createQueues(QUEUE, RESULTS);
    database = Database.open(postgres.brokerConfig(), "test");
    postgres.execute(
        "insert into pgmq.q_deep (vt, message) select now(), '{}' from generate_series(1, %d)"
            .formatted(DEPTH));
    postgres.execute("analyze pgmq.q_deep");
    leases =
        new LeasedQueue(database, QUEUE, RESULTS, DEAD_LETTERS, true)
            .claim(Duration.ofMinutes(5), BATCH).stream().map(LeasedMessage::lease).toList();
    assertThat(leases).hasSize(BATCH);
  }

  @AfterAll
  static void close() {
    database.close();
    postgres.close();
  }

  @Test
  void aClaimFindsItsRowsByKey() {
    assertLooksUpRowsOnly(
        plan(
            LeasedQueueSql.claim(QUEUE),
            (statement, connection) -> {
              statement.setInt(1, BATCH);
              statement.setLong(2, 60_000);
            }));
  }

  @Test
  void aClaimTakesNoMoreThanFitsIntoMemoryAndTheFirstOfAnySize() {
    var large = new QueueName("large");
    postgres.createQueues(large, RESULTS);
    for (var each : List.of("repeat(md5(random()::text), 2 << 20)", "repeat('x', 12 << 20)")) {
      postgres.execute(
          "insert into pgmq.q_large (vt, message)"
              + " select now(), to_jsonb(%s) from generate_series(1, 4)".formatted(each));
    }
    var queue = new LeasedQueue(database, large, RESULTS, DEAD_LETTERS, true);

    assertThat(queue.claim(Duration.ofMinutes(5), BATCH)).as("64 MB").hasSize(1);
    assertThat(queue.claim(Duration.ofMinutes(5), 2)).hasSize(1);
    assertThat(queue.claim(Duration.ofMinutes(5), BATCH)).hasSize(1);
    assertThat(queue.claim(Duration.ofMinutes(5), BATCH)).hasSize(1);
    assertThat(queue.claim(Duration.ofMinutes(5), BATCH)).as("12 MB").hasSize(3);
    assertThat(queue.claim(Duration.ofMinutes(5), BATCH)).hasSize(1);
    assertThat(queue.claim(Duration.ofMinutes(5), BATCH)).isEmpty();
  }

  @Test
  void aRenewalFindsItsRowsByKey() {
    assertLooksUpRowsOnly(
        plan(
            LeasedQueueSql.renew(QUEUE),
            (statement, connection) -> {
              statement.setArray(1, ids(connection));
              statement.setArray(2, counts(connection));
              statement.setLong(3, 60_000);
            }));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void completionsFindTheirRowsByKey(boolean archives) {
    assertLooksUpRowsOnly(
        plan(
            LeasedQueueSql.complete(QUEUE, RESULTS, DEAD_LETTERS, archives, false),
            (statement, connection) -> {
              var nulls = new String[BATCH];
              statement.setArray(1, ids(connection));
              statement.setArray(2, counts(connection));
              for (int i = 3; i <= 5; i++) {
                statement.setArray(i, connection.createArrayOf("text", nulls));
              }
              statement.setArray(6, connection.createArrayOf("int8", new Long[0]));
              statement.setArray(7, connection.createArrayOf("int4", new Integer[0]));
              statement.setArray(8, connection.createArrayOf("int8", new Long[0]));
              statement.setArray(9, connection.createArrayOf("int4", new Integer[0]));
            }));
  }

  private interface Parameters {
    void set(PreparedStatement statement, Connection connection) throws SQLException;
  }

  /** Runs the statement, rolls it back, and returns its plan. */
  private static List<String> plan(String sql, Parameters parameters) {
    return database.call(
        "explain",
        connection -> {
          connection.setAutoCommit(false);
          try (var statement =
              connection.prepareStatement("explain (analyze, timing off) " + sql)) {
            parameters.set(statement, connection);
            var lines = new ArrayList<String>();
            try (var rows = statement.executeQuery()) {
              while (rows.next()) {
                lines.add(rows.getString(1));
              }
            }
            return lines;
          } finally {
            connection.rollback();
          }
        });
  }

  private static void assertLooksUpRowsOnly(List<String> plan) {
    assertThat(plan).isNotEmpty().noneMatch(line -> line.contains("Seq Scan on q_deep"));
    assertThat(plan)
        .allSatisfy(
            line ->
                assertThat(
                        REMOVED
                            .matcher(line)
                            .results()
                            .mapToLong(found -> Long.parseLong(found.group(1)))
                            .sum())
                    .as(line)
                    .isLessThanOrEqualTo(2 * BATCH));
  }

  private static Array ids(Connection connection) throws SQLException {
    return connection.createArrayOf(
        "int8", leases.stream().map(Lease::messageId).toArray(Long[]::new));
  }

  private static Array counts(Connection connection) throws SQLException {
    return connection.createArrayOf(
        "int4", leases.stream().map(Lease::readCount).toArray(Integer[]::new));
  }
}
