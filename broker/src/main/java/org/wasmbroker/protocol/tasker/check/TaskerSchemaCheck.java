package org.wasmbroker.protocol.tasker.check;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.SetupProblem;

/**
 * Checks that Tasker's schema is the one that this worker was built for: every table, column,
 * index, trigger and function that it uses. Reads the catalogs only, which any role may.
 */
public final class TaskerSchemaCheck {
  /** The newest of Tasker's migrations with which this worker was tested. */
  public static final long NEWEST_MIGRATION = 20260306000001L;

  private static final String SCHEMA = "tasker";

  /** The columns that are read or written, by table. */
  private static final Map<String, List<String>> COLUMNS =
      new TreeMap<>(
          Map.of(
              "tasks",
              List.of("task_uuid", "named_task_uuid", "correlation_id", "context"),
              "task_namespaces",
              List.of("task_namespace_uuid", "name", "description", "created_at", "updated_at"),
              "named_tasks",
              List.of(
                  "named_task_uuid",
                  "task_namespace_uuid",
                  "name",
                  "version",
                  "description",
                  "configuration",
                  "created_at",
                  "updated_at"),
              "named_steps",
              List.of("named_step_uuid", "name"),
              "workflow_steps",
              List.of(
                  "workflow_step_uuid",
                  "task_uuid",
                  "named_step_uuid",
                  "retryable",
                  "max_attempts",
                  "in_process",
                  "processed",
                  "attempts",
                  "last_attempted_at",
                  "inputs",
                  "results",
                  "checkpoint",
                  "updated_at"),
              "workflow_step_edges",
              List.of("from_step_uuid", "to_step_uuid"),
              "workflow_step_transitions",
              List.of(
                  "workflow_step_transition_uuid",
                  "workflow_step_uuid",
                  "to_state",
                  "from_state",
                  "metadata",
                  "sort_key",
                  "most_recent",
                  "created_at",
                  "updated_at"),
              "workflow_step_result_audit",
              List.of("workflow_step_uuid", "worker_uuid", "correlation_id", "success")));

  /** Tables into which this worker inserts rows: it must know all of their required columns. */
  private static final Set<String> INSERTED_TABLES =
      Set.of("task_namespaces", "named_tasks", "workflow_step_transitions");

  private static final List<String> FUNCTIONS =
      List.of(
          "tasker.pgmq_send_with_notify(text, jsonb, integer)",
          "tasker.extract_queue_namespace(text)");

  private static final List<String> MESSAGE_COLUMNS =
      List.of("msg_id", "read_ct", "enqueued_at", "vt", "message", "headers");

  private static final String MIGRATE_REMEDY =
      "apply all of Tasker's migrations (0.1.8 or newer) to this database with 'sqlx migrate run'";

  private record Column(String name, boolean required) {}

  private final Database tables;
  private final Database queues;

  /**
   * @param tables the database that has Tasker's tables
   * @param queues the one that has its queues; often the same
   */
  public TaskerSchemaCheck(Database tables, Database queues) {
    this.tables = tables;
    this.queues = queues;
  }

  /** Missing and unknown objects, each with its remedy; empty if steps can be claimed. */
  public List<SetupProblem> problems() {
    var problems = new ArrayList<SetupProblem>();
    problems.addAll(tables.call("inspect Tasker's tables", this::tableProblems));
    problems.addAll(queues.call("inspect Tasker's queues", this::queueProblems));
    return problems;
  }

  /** The problems of a queue, if it exists; empty if it can be read. */
  public List<SetupProblem> problems(QueueName queue) {
    var names = List.of("q_" + queue.value(), "a_" + queue.value());
    var found = queues.call("inspect queue " + queue, it -> columns(it, "pgmq", names));
    var problems = new ArrayList<SetupProblem>();
    for (var table : names) {
      var there = names(found.getOrDefault(table, List.of()));
      var missing = MESSAGE_COLUMNS.stream().filter(column -> !there.contains(column)).toList();
      if (!there.isEmpty() && !missing.isEmpty()) {
        problems.add(
            new SetupProblem(
                "pgmq.%s lacks %s".formatted(table, String.join(", ", missing)),
                "run 'alter extension pgmq update', or recreate the queue"));
      }
    }
    return problems;
  }

  /** The newest migration recorded by Tasker's migration tool, if it recorded any. */
  public Optional<Long> newestMigration() {
    return tables.call("look for Tasker's migrations", this::newestMigration);
  }

  private List<SetupProblem> tableProblems(Connection connection) throws SQLException {
    var found = columns(connection, SCHEMA, List.copyOf(COLUMNS.keySet()));
    if (found.isEmpty()) {
      return List.of(
          new SetupProblem(
              "this database has none of Tasker's tables (schema tasker)",
              "correct database.url, or " + MIGRATE_REMEDY));
    }
    var problems = new ArrayList<SetupProblem>();
    COLUMNS.forEach(
        (table, columns) -> check(table, columns, found.getOrDefault(table, List.of()), problems));
    if (!hasUniqueCurrentTransition(connection)) {
      problems.add(
          new SetupProblem(
              "tasker.workflow_step_transitions has no unique index on each step's latest"
                  + " transition",
              MIGRATE_REMEDY));
    }
    if (!hasAuditTrigger(connection)) {
      problems.add(
          new SetupProblem(
              "tasker.workflow_step_transitions lacks its trigger trg_step_result_audit, or it is"
                  + " disabled",
              MIGRATE_REMEDY));
    }
    return problems;
  }

  private static void check(
      String table, List<String> used, List<Column> found, List<SetupProblem> problems) {
    if (found.isEmpty()) {
      problems.add(
          new SetupProblem("the table tasker.%s is missing".formatted(table), MIGRATE_REMEDY));
      return;
    }
    var missing = used.stream().filter(name -> !names(found).contains(name)).toList();
    if (!missing.isEmpty()) {
      problems.add(
          new SetupProblem(
              "tasker.%s lacks %s".formatted(table, String.join(", ", missing)), MIGRATE_REMEDY));
    }
    var unknown =
        found.stream()
            .filter(column -> INSERTED_TABLES.contains(table))
            .filter(column -> column.required() && !used.contains(column.name()))
            .map(Column::name)
            .toList();
    if (!unknown.isEmpty()) {
      problems.add(
          new SetupProblem(
              "tasker.%s has required columns that this worker does not know (%s)"
                  .formatted(table, String.join(", ", unknown)),
              "use a release of the broker that supports this version of Tasker"));
    }
  }

  private List<SetupProblem> queueProblems(Connection connection) throws SQLException {
    var problems = new ArrayList<SetupProblem>();
    if (!has(connection, "select 1 from pg_catalog.pg_extension where extname = 'pgmq'")) {
      problems.add(
          new SetupProblem(
              "PGMQ is not in the database of the queues",
              "correct tasker.queue-database.url, or run 'create extension pgmq' as a superuser"));
    }
    var missing = missingFunctions(connection);
    if (!missing.isEmpty()) {
      problems.add(
          new SetupProblem(
              "Tasker's functions are missing in the database of the queues: "
                  + String.join(", ", missing),
              MIGRATE_REMEDY));
    }
    return problems;
  }

  private Map<String, List<Column>> columns(
      Connection connection, String schema, List<String> tables) throws SQLException {
    var sql =
        """
        select relation.relname, attribute.attname,
          attribute.attnotnull and not attribute.atthasdef and attribute.attidentity = ''
        from pg_catalog.pg_attribute attribute
        join pg_catalog.pg_class relation on relation.oid = attribute.attrelid
        join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
        where namespace.nspname = ? and relation.relname = any(?)
          and attribute.attnum > 0 and not attribute.attisdropped
        """;
    try (var statement = this.tables.prepare(connection, sql)) {
      statement.setString(1, schema);
      statement.setArray(2, connection.createArrayOf("name", tables.toArray()));
      try (var rows = statement.executeQuery()) {
        var found = new HashMap<String, List<Column>>();
        while (rows.next()) {
          found
              .computeIfAbsent(rows.getString(1), table -> new ArrayList<>())
              .add(new Column(rows.getString(2), rows.getBoolean(3)));
        }
        return found;
      }
    }
  }

  private static Set<String> names(List<Column> columns) {
    return columns.stream().map(Column::name).collect(Collectors.toSet());
  }

  /** Without it, two claims of one step could both succeed. */
  private boolean hasUniqueCurrentTransition(Connection connection) throws SQLException {
    return has(
        connection,
        """
        select 1
        from pg_catalog.pg_index index
        join pg_catalog.pg_class relation on relation.oid = index.indrelid
        join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
        where namespace.nspname = 'tasker' and relation.relname = 'workflow_step_transitions'
          and index.indisunique and index.indisvalid
          and pg_catalog.pg_get_expr(index.indpred, index.indrelid) like '%most_recent%'
        """);
  }

  private boolean hasAuditTrigger(Connection connection) throws SQLException {
    return has(
        connection,
        """
        select 1
        from pg_catalog.pg_trigger trigger
        join pg_catalog.pg_class relation on relation.oid = trigger.tgrelid
        join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
        where namespace.nspname = 'tasker' and relation.relname = 'workflow_step_transitions'
          and trigger.tgname = 'trg_step_result_audit' and trigger.tgenabled in ('O', 'A')
        """);
  }

  private List<String> missingFunctions(Connection connection) throws SQLException {
    var sql =
        """
        select namespace.nspname || '.' || function.proname || '('
          || pg_catalog.oidvectortypes(function.proargtypes) || ')'
        from pg_catalog.pg_proc function
        join pg_catalog.pg_namespace namespace on namespace.oid = function.pronamespace
        where namespace.nspname = 'tasker'
        """;
    var found = new HashSet<String>();
    try (var statement = queues.prepare(connection, sql);
        var rows = statement.executeQuery()) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    }
    return FUNCTIONS.stream().filter(function -> !found.contains(function)).toList();
  }

  private Optional<Long> newestMigration(Connection connection) throws SQLException {
    var where =
        """
        select pg_catalog.quote_ident(namespace.nspname) || '._sqlx_migrations'
        from pg_catalog.pg_class relation
        join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
        where relation.relname = '_sqlx_migrations'
          and pg_catalog.has_schema_privilege(namespace.oid, 'usage')
          and pg_catalog.has_table_privilege(relation.oid, 'select')
        order by namespace.nspname = 'tasker' desc
        limit 1
        """;
    try (var statement = tables.prepare(connection, where);
        var rows = statement.executeQuery()) {
      return rows.next() ? newestIn(rows.getString(1), connection) : Optional.empty();
    }
  }

  private Optional<Long> newestIn(String table, Connection connection) throws SQLException {
    var sql = "select max(version) from " + table + " where success";
    try (var statement = tables.prepare(connection, sql);
        var rows = statement.executeQuery()) {
      return rows.next() ? Optional.ofNullable(rows.getObject(1, Long.class)) : Optional.empty();
    }
  }

  private boolean has(Connection connection, String sql) throws SQLException {
    try (var statement = tables.prepare(connection, sql);
        var rows = statement.executeQuery()) {
      return rows.next();
    }
  }
}
