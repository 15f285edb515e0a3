package org.wasmbroker.protocol.tasker.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.protocol.tasker.claim.TaskerClaimSql;
import org.wasmbroker.protocol.tasker.report.TaskerCompletionSql;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.TaskerDatabase;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Plans made while all tables were empty, and known to be, like those of a worker that waited for
 * its first task: a batch of the steps that came since looks up only its own rows.
 */
class TaskerPlansIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int TASKS = 2_000;
  private static final int BATCH = 100;
  private static final String SOMEBODY = "00000000-0000-0000-0000-000000000001";
  private static final String OUTCOMES =
      "uuid[], uuid[], uuid[], uuid[], bool[], text[], int[], text, text";
  private static final String TEMPLATE =
      """
      {"name":"pair","namespace_name":"deep","version":"1.0.0","steps":[
        {"name":"first","handler":{"callable":"noop"}},
        {"name":"second","handler":{"callable":"noop"},"dependencies":["first"]}]}
      """;

  private static final Map<String, JsonNode> PLANS = new HashMap<>();

  @BeforeAll
  static void planOnEmptyTablesAndRunOnFullOnes() {
    try (var postgres = TaskerDatabase.create();
        var database = Database.open(postgres.config(), "test", TaskerSession.SQL)) {
      new BrokerSchema(database, SchemaPart.RECOVERY).migrate();
      var orchestrator = new FakeOrchestrator(postgres);
      orchestrator.register(TEMPLATE);
      postgres.execute("select pgmq.send('worker_deep_queue', '{}'::jsonb)");
      postgres.execute("delete from pgmq.q_worker_deep_queue");
      database.call(
          "look at plans",
          connection -> {
            plan(connection);
            fill(postgres, orchestrator);
            run(connection);
            return true;
          });
    }
  }

  private static void plan(Connection connection) throws SQLException {
    execute(connection, "vacuum analyze");
    var queue = new QueueName("worker_deep_queue");
    prepare(
        connection,
        "claim",
        "bigint, jsonb, uuid, uuid, uuid[]",
        TaskerClaimSql.claim(queue, true));
    prepare(connection, "complete", OUTCOMES, TaskerCompletionSql.complete(true, true));
    prepare(connection, "remember", OUTCOMES, TaskerCompletionSql.complete(true, false));
    prepare(connection, "lost", "uuid[], uuid[]", TaskerCompletionSql.lost());
    prepare(
        connection,
        "written_before",
        "uuid[], bool[], text[], text",
        TaskerCompletionSql.alreadyWritten());
    prepare(connection, "forget", "uuid[]", TaskerCompletionSql.deleteClaims());
    prepare(connection, "adopt", "uuid, uuid, uuid[]", TaskerClaimSql.findBatch());
    prepare(connection, "dead", "uuid, uuid, bigint", WorkerSql.FIND_DEAD);
    prepare(connection, "dead_claims", "uuid, bigint, int", WorkerSql.CLAIMS);
    prepare(connection, "take_over", "uuid, uuid[]", WorkerSql.TAKE_OVER);
    run(connection);
  }

  /** Each task has one completed and one ready step. */
  private static void fill(TaskerDatabase postgres, FakeOrchestrator orchestrator) {
    var tasks = orchestrator.insert(TEMPLATE, "{}", TASKS);
    postgres.execute(
        """
        update workflow_steps set processed = true, results = '{"result":{}}'
        where workflow_step_uuid in (select from_step_uuid from workflow_step_edges)\
        """);
    postgres.execute(
        """
        insert into wasm_broker.claim
          (transition_uuid, workflow_step_uuid, worker_uuid, batch_uuid, claimed_at)
        select uuidv7(), uuidv7(), ('00000000-0000-0000-0000-' || lpad((2 + n % 4)::text, 12, '0'))::uuid,
          uuidv7(), now() - interval '1 day'
        from generate_series(1, 20000) as n\
        """);
    orchestrator.enqueue(tasks.stream().map(task -> task.step("second")).toList());
  }

  private static void run(Connection connection) throws SQLException {
    explain(connection, "claim", "%d, '{}', '%2$s', '%2$s', '{}'".formatted(BATCH, SOMEBODY));
    var steps = held(connection, "workflow_step_uuid");
    var transitions = held(connection, "workflow_step_transition_uuid");
    explain(connection, "adopt", "'%1$s', '%1$s', '{}'".formatted(SOMEBODY));
    explain(connection, "dead", "'%1$s', '%1$s', 0".formatted(SOMEBODY));
    explain(connection, "dead_claims", "'%s', 0, %d".formatted(SOMEBODY, BATCH));
    explain(connection, "take_over", "'%s', %s".formatted(SOMEBODY, transitions));
    explain(connection, "lost", "%s, %s".formatted(steps, transitions));
    var outcomes =
        """
        %1$s, %2$s, %1$s, %1$s, array_fill(true, array[%3$d]), array_fill('{}'::text, array[%3$d]),
        array_fill(0, array[%3$d]), 'now', '%4$s'\
        """
            .formatted(steps, transitions, BATCH, SOMEBODY);
    execute(connection, "begin");
    explain(connection, "remember", outcomes);
    execute(connection, "rollback");
    explain(connection, "complete", outcomes);
    explain(
        connection,
        "written_before",
        "%1$s, array_fill(true, array[%2$d]), array_fill('{}'::text, array[%2$d]), '%3$s'"
            .formatted(transitions, BATCH, SOMEBODY));
    explain(connection, "forget", transitions);
  }

  /** The held claims, as an array literal. */
  private static String held(Connection connection, String column) throws SQLException {
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                """
                select coalesce(array_agg(%s order by workflow_step_uuid), '{}')
                from workflow_step_transitions where to_state = 'in_progress' and most_recent\
                """
                    .formatted(column))) {
      rows.next();
      return "'" + rows.getString(1) + "'::uuid[]";
    }
  }

  private static void prepare(Connection connection, String name, String types, String sql)
      throws SQLException {
    var numbered = new StringBuilder();
    int number = 0;
    for (var part : sql.split("\\?", -1)) {
      numbered.append(number == 0 ? "" : "$" + number).append(part);
      number++;
    }
    execute(connection, "prepare %s (%s) as %s".formatted(name, types, numbered));
  }

  private static void explain(Connection connection, String name, String parameters)
      throws SQLException {
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "explain (analyze, timing off, format json) execute %s(%s)"
                    .formatted(name, parameters))) {
      rows.next();
      PLANS.put(name, JSON.readTree(rows.getString(1)).get(0).get("Plan"));
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "claim",
        "adopt",
        "lost",
        "remember",
        "complete",
        "written_before",
        "forget",
        "dead",
        "dead_claims",
        "take_over"
      })
  void aBatchLooksUpOnlyItsOwnRows(String statement) {
    assertLooksUpRowsOnly(Objects.requireNonNull(PLANS.get(statement)));
  }

  private static void assertLooksUpRowsOnly(JsonNode node) {
    double visited = node.path("Actual Rows").asDouble();
    for (var property : node.properties()) {
      if (property.getKey().startsWith("Rows Removed by")) {
        visited += property.getValue().asDouble();
      }
    }
    assertThat(visited * node.path("Actual Loops").asDouble())
        .as(node::toPrettyString)
        .isLessThanOrEqualTo(5 * BATCH);
    node.path("Plans").forEach(TaskerPlansIT::assertLooksUpRowsOnly);
  }
}
