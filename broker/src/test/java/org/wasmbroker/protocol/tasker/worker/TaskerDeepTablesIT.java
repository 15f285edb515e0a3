package org.wasmbroker.protocol.tasker.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.SqlArrays;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.protocol.tasker.claim.ClaimedRow;
import org.wasmbroker.protocol.tasker.claim.StepClaimer;
import org.wasmbroker.protocol.tasker.claim.TaskerClaimSql;
import org.wasmbroker.protocol.tasker.report.Completion;
import org.wasmbroker.protocol.tasker.report.CompletionWriter;
import org.wasmbroker.protocol.tasker.report.TaskerCompletionSql;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.TaskerDatabase;

/**
 * Tasker's tables grown from nothing to many thousand rows, with and without statistics about them,
 * as after a flood of tasks: a batch reads its own rows, and those of its own messages, tasks and
 * ancestors, whatever the planner assumes. Rows are counted by the server; plans are made for the
 * values of a call and generically.
 */
class TaskerDeepTablesIT {
  private static final int TASKS = 10_000;
  private static final int BATCH = 100;
  private static final String TEMPLATE =
      """
      {"name":"orders","namespace_name":"deep","version":"1","steps":[
        {"name":"first","handler":{"callable":"echo"}},
        {"name":"second","handler":{"callable":"echo"},"dependencies":["first"]}]}\
      """;

  private static TaskerDatabase postgres;
  private static Database database;
  private static List<ClaimedRow> held;
  private static final UUID WORKER = UUID.randomUUID();
  private static final UUID HELD = UUID.randomUUID();

  enum Planned {
    FOR_THESE_VALUES("force_custom_plan", false),
    FOR_ANY_VALUES("force_generic_plan", false),
    FOR_THESE_VALUES_WITH_STATISTICS("force_custom_plan", true),
    FOR_ANY_VALUES_WITH_STATISTICS("force_generic_plan", true);

    private final String mode;
    private final boolean statistics;

    Planned(String mode, boolean statistics) {
      this.mode = mode;
      this.statistics = statistics;
    }
  }

  @BeforeAll
  static void fillUp() {
    postgres = TaskerDatabase.create();
    postgres.grantNamespace("deep");
    database = Database.open(postgres.workerConfig(), "plan-test", TaskerSession.SQL);
    new BrokerSchema(database, SchemaPart.RECOVERY).migrate();
    var orchestrator = new FakeOrchestrator(postgres);
    var one = orchestrator.submit(TEMPLATE, "{}");
    orchestrator.cancel(one.step("first"));
    for (var table : tables()) {
      postgres.execute("alter table %s set (autovacuum_enabled = off)".formatted(table));
    }
    postgres.execute("analyze");
    var tasks = orchestrator.insert(TEMPLATE, "{\"x\":1}", TASKS);
    orchestrator.enqueue(tasks.stream().map(task -> task.step("second")).toList());
    held =
        new StepClaimer(database, WORKER, true, List.of(queue()))
            .claim(queue(), BATCH + 1, HELD, Set.of()) // one of a step that is no more
            .steps();
    assertThat(held).hasSize(BATCH);
  }

  @AfterAll
  static void close() {
    database.close();
    postgres.close();
  }

  private static List<String> tables() {
    return postgres
        .query(
            """
            select format('%I.%I', schemaname, relname) from pg_stat_all_tables
            where schemaname in ('tasker', 'pgmq', 'wasm_broker')\
            """)
        .stream()
        .flatMap(Stream::ofNullable)
        .toList();
  }

  private static QueueName queue() {
    return new QueueName(FakeOrchestrator.queueOf("deep"));
  }

  @ParameterizedTest
  @EnumSource
  void aClaimReadsOnlyTheRowsItClaims(Planned planned) {
    assertReadsOfABatch(
        planned,
        connection -> {
          try (var statement = connection.prepareStatement(TaskerClaimSql.claim(queue(), true))) {
            statement.setInt(1, BATCH);
            statement.setString(2, "{}");
            statement.setObject(3, WORKER);
            statement.setObject(4, UUID.randomUUID());
            statement.setArray(5, SqlArrays.uuids(connection, Set.of()));
            return rowsOf(statement);
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void aClaimOfPrefetchedMessagesReadsOnlyTheRowsItClaims(Planned planned) {
    var ready =
        postgres
            .query(
                """
                select message ->> 'step_uuid' from pgmq.q_worker_deep_queue
                order by msg_id desc limit %d\
                """
                    .formatted(BATCH))
            .stream()
            .flatMap(Stream::ofNullable)
            .map(UUID::fromString)
            .toList();
    assertReadsOfABatch(
        planned,
        connection -> {
          try (var statement = connection.prepareStatement(TaskerClaimSql.claimMessages(true))) {
            statement.setArray(
                1,
                SqlArrays.longs(
                    connection, Stream.iterate(1L, id -> id + 1).limit(BATCH).toList()));
            statement.setArray(2, SqlArrays.uuids(connection, ready));
            statement.setString(3, "{}");
            statement.setObject(4, WORKER);
            statement.setObject(5, UUID.randomUUID());
            statement.setArray(6, SqlArrays.uuids(connection, Set.of()));
            return rowsOf(statement);
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void inDoubtClaimsAreFoundByKey(Planned planned) {
    assertReadsOfABatch(
        planned,
        connection -> {
          try (var statement = connection.prepareStatement(TaskerClaimSql.findBatch())) {
            statement.setObject(1, WORKER);
            statement.setObject(2, HELD);
            statement.setArray(3, SqlArrays.uuids(connection, Set.of()));
            return rowsOf(statement);
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void completionsReadOnlyTheRowsTheyComplete(Planned planned) {
    var completions = new CompletionWriter(database, WORKER, true, true);
    assertReadsOfABatch(planned, connection -> completions.write(connection, batch()).size());
  }

  @ParameterizedTest
  @EnumSource
  void ownershipChecksReadOnlyTheRowsTheyCheck(Planned planned) {
    assertReadsOfABatch(
        planned,
        connection -> {
          try (var statement = connection.prepareStatement(TaskerCompletionSql.lost())) {
            var others = Stream.generate(UUID::randomUUID).limit(BATCH).toList();
            statement.setArray(
                1, SqlArrays.uuids(connection, batch().stream().map(Completion::step).toList()));
            statement.setArray(2, SqlArrays.uuids(connection, others));
            return rowsOf(statement);
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void earlierCompletionsAreFoundByKey(Planned planned) {
    var completions = new CompletionWriter(database, WORKER, true, true);
    assertReadsOfABatch(
        planned,
        connection -> {
          completions.write(connection, batch());
          try (var statement = connection.prepareStatement(TaskerCompletionSql.alreadyWritten())) {
            statement.setArray(
                1,
                SqlArrays.uuids(connection, batch().stream().map(Completion::transition).toList()));
            statement.setArray(
                2, SqlArrays.booleans(connection, batch().stream().map(_ -> true).toList()));
            statement.setArray(
                3,
                SqlArrays.documents(connection, batch().stream().map(Completion::result).toList()));
            statement.setString(4, WORKER.toString());
            return rowsOf(statement);
          }
        });
  }

  private static List<Completion> batch() {
    return held.stream()
        .limit(BATCH)
        .map(
            row ->
                new Completion(
                    row.step(),
                    row.transition(),
                    row.task(),
                    row.correlation(),
                    true,
                    Document.of("{\"result\":1}"),
                    true))
        .toList();
  }

  /** Runs a statement for a batch, and returns for how many rows. */
  private interface Statement {
    int on(Connection connection) throws SQLException;
  }

  /** Rolls the statement back. */
  private static void assertReadsOfABatch(Planned planned, Statement statement) {
    database.call(
        "count what is read",
        connection -> {
          connection.setAutoCommit(false);
          try (var settings = connection.createStatement()) {
            settings.execute("set local plan_cache_mode = " + planned.mode);
            if (planned.statistics) {
              settings.execute("analyze");
            }
            var before = reads(connection);
            assertThat(statement.on(connection)).isGreaterThanOrEqualTo(BATCH);
            var after = reads(connection);
            after.replaceAll((table, read) -> read - before.getOrDefault(table, 0L));
            assertThat(after)
                .allSatisfy(
                    (table, read) ->
                        assertThat(read)
                            .as("rows of %s that were read", table)
                            .isLessThanOrEqualTo(10L * BATCH));
            return after;
          } finally {
            connection.rollback();
          }
        });
  }

  private static Map<String, Long> reads(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                """
                select schemaname || '.' || relname,
                  coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
                from pg_stat_xact_all_tables
                where schemaname in ('tasker', 'pgmq', 'wasm_broker')\
                """)) {
      var reads = new HashMap<String, Long>();
      while (rows.next()) {
        reads.put(rows.getString(1), rows.getLong(2));
      }
      return reads;
    }
  }

  private static int rowsOf(PreparedStatement statement) throws SQLException {
    int count = 0;
    try (var rows = statement.executeQuery()) {
      while (rows.next()) {
        count++;
      }
    }
    return count;
  }
}
