package org.wasmbroker.protocol.tasker;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.Obstacle;

/**
 * What the broker's role may do in Tasker's database, against what the worker does there. The same
 * list as in docs/tasker.md. Objects that are missing are somebody else's to tell; they lack no
 * right here.
 */
public final class TaskerRights {
  private static final QueueName RESULTS = new QueueName("orchestration_step_results");

  private final Database tables;
  private final Database queues;
  private final TaskerConfig config;

  /** A privilege on one table, schema or sequence. */
  private record Right(String kind, String schema, String object, String privilege) {}

  public TaskerRights(Database tables, Database queues, TaskerConfig config) {
    this.tables = tables;
    this.queues = queues;
    this.config = config;
  }

  /** The rights that are lacking, each object with the statement that gives them. */
  public List<Obstacle> obstacles() {
    var obstacles = new ArrayList<Obstacle>();
    obstacles.addAll(
        tables.call("look up the role's rights", it -> obstacles(it, tables, tableRights())));
    obstacles.addAll(
        queues.call("look up the role's rights", it -> obstacles(it, queues, queueRights())));
    return obstacles;
  }

  private List<Right> tableRights() {
    var rights = new ArrayList<Right>();
    rights.add(new Right("schema", "tasker", "tasker", "usage"));
    for (var read :
        List.of(
            "tasks",
            "task_namespaces",
            "named_tasks",
            "named_steps",
            "workflow_steps",
            "workflow_step_edges",
            "workflow_step_transitions")) {
      rights.add(new Right("table", "tasker", read, "select"));
    }
    rights.add(new Right("table", "tasker", "workflow_steps", "update"));
    rights.add(new Right("table", "tasker", "workflow_step_transitions", "insert"));
    rights.add(new Right("table", "tasker", "workflow_step_transitions", "update"));
    rights.add(new Right("table", "tasker", "workflow_step_result_audit", "insert"));
    if (config.templates() != null) {
      for (var written : List.of("task_namespaces", "named_tasks")) {
        rights.add(new Right("table", "tasker", written, "insert"));
        rights.add(new Right("table", "tasker", written, "update"));
      }
    }
    return rights;
  }

  private List<Right> queueRights() {
    var rights = new ArrayList<Right>();
    rights.add(new Right("schema", "tasker", "tasker", "usage"));
    rights.add(new Right("schema", "pgmq", "pgmq", "usage"));
    rights.add(new Right("table", "pgmq", "meta", "select"));
    for (var queue : config.allQueues()) {
      for (var privilege : List.of("select", "update", "delete")) {
        rights.add(new Right("table", "pgmq", "q_" + queue.value(), privilege));
      }
      rights.add(new Right("table", "pgmq", "a_" + queue.value(), "insert"));
      rights.add(new Right("sequence", "pgmq", "q_" + queue.value() + "_msg_id_seq", "select"));
    }
    var sentTo = new ArrayList<>(List.of(RESULTS));
    config.namespaces().forEach(namespace -> sentTo.add(namespace.domainEvents()));
    for (var queue : sentTo) {
      rights.add(new Right("table", "pgmq", "q_" + queue.value(), "select"));
      rights.add(new Right("table", "pgmq", "q_" + queue.value(), "insert"));
    }
    return rights;
  }

  private static List<Obstacle> obstacles(
      Connection connection, Database database, List<Right> rights) throws SQLException {
    var sql =
        """
        with needed as (
          select * from unnest(?::text[], ?::text[], ?::text[], ?::text[])
            with ordinality as needed(kind, schema, object, privilege, place))
        select needed.kind, needed.schema, needed.object, needed.privilege, current_user
        from needed
        join pg_catalog.pg_namespace namespace on namespace.nspname = needed.schema
        left join pg_catalog.pg_class relation
          on relation.relnamespace = namespace.oid and relation.relname = needed.object
            and needed.kind <> 'schema'
        where case needed.kind
          when 'schema' then not has_schema_privilege(namespace.oid, needed.privilege)
          when 'sequence' then not has_sequence_privilege(relation.oid, needed.privilege)
          else not has_table_privilege(relation.oid, needed.privilege) end
        order by needed.place
        """;
    try (var statement = database.prepare(connection, sql)) {
      statement.setArray(1, texts(connection, rights.stream().map(Right::kind).toList()));
      statement.setArray(2, texts(connection, rights.stream().map(Right::schema).toList()));
      statement.setArray(3, texts(connection, rights.stream().map(Right::object).toList()));
      statement.setArray(4, texts(connection, rights.stream().map(Right::privilege).toList()));
      try (var rows = statement.executeQuery()) {
        var lacking = new LinkedHashMap<String, List<String>>();
        var role = "";
        while (rows.next()) {
          role = rows.getString(5);
          lacking
              .computeIfAbsent(
                  named(rows.getString(1), rows.getString(2), rows.getString(3)),
                  object -> new ArrayList<>())
              .add(rows.getString(4));
        }
        return obstacles(role, lacking);
      }
    }
  }

  private static String named(String kind, String schema, String object) {
    return kind + " " + (kind.equals("schema") ? schema : schema + "." + object);
  }

  private static List<Obstacle> obstacles(String role, Map<String, List<String>> lacking) {
    return lacking.entrySet().stream()
        .map(
            entry -> {
              var privileges = String.join(", ", entry.getValue());
              return new Obstacle(
                  "the role %s lacks %s on %s".formatted(role, privileges, entry.getKey()),
                  "as the owner, run: grant %s on %s to \"%s\""
                      .formatted(privileges, entry.getKey(), role));
            })
        .toList();
  }

  private static java.sql.Array texts(Connection connection, List<String> texts)
      throws SQLException {
    return connection.createArrayOf("text", texts.toArray());
  }
}
