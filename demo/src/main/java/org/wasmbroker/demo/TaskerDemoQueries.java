package org.wasmbroker.demo;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Database;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The demo's tasks in Tasker's tables. */
final class TaskerDemoQueries {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Set<String> TERMINAL_STATES =
      Set.of("complete", "error", "cancelled", "blocked_by_failures", "resolved_manually");

  private final Database database;
  private final Set<UUID> reported = new HashSet<>();

  /**
   * A step's current state.
   *
   * @param results the StepExecutionResult; JSON null until there is one
   */
  record StepStatus(String name, String state, int attempts, JsonNode results) {}

  TaskerDemoQueries(Database database) {
    this.database = database;
  }

  boolean hasEnded(TaskerDemoTask task) {
    return TERMINAL_STATES.contains(state(task));
  }

  String state(TaskerDemoTask task) {
    var sql =
        """
        select to_state from tasker.task_transitions where task_uuid = ? and most_recent
        """;
    return database.call(
        "read a task",
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            statement.setObject(1, task.id());
            try (var rows = statement.executeQuery()) {
              return rows.next() ? rows.getString(1) : "pending";
            }
          }
        });
  }

  /** One line for each state change of a step that was not returned before, in order. */
  List<String> newTransitions(List<TaskerDemoTask> tasks) {
    var sql =
        """
        select transition.workflow_step_transition_uuid, step.task_uuid, named.name,
          transition.from_state, transition.to_state,
          extract(epoch from transition.created_at - first.created_at) * 1000
        from tasker.workflow_steps step
        join tasker.named_steps named using (named_step_uuid)
        join tasker.workflow_step_transitions transition using (workflow_step_uuid)
        cross join lateral (
          select min(task.created_at) as created_at from tasker.tasks task) first
        where step.task_uuid = any(?)
          and transition.to_state in ('in_progress', 'complete', 'error', 'waiting_for_retry')
        order by transition.created_at, transition.sort_key
        """;
    var names = tasks.stream().collect(Collectors.toMap(TaskerDemoTask::id, TaskerDemoTask::name));
    return database.call(
        "read the steps",
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            statement.setArray(
                1, connection.createArrayOf("uuid", names.keySet().toArray(UUID[]::new)));
            var lines = new ArrayList<String>();
            try (var rows = statement.executeQuery()) {
              while (rows.next()) {
                if (reported.add(rows.getObject(1, UUID.class))) {
                  lines.add(
                      "%6.0f ms  %-18s %-24s %s"
                          .formatted(
                              rows.getDouble(6),
                              names.get(rows.getObject(2, UUID.class)),
                              rows.getString(3),
                              rows.getString(5)));
                }
              }
            }
            return lines;
          }
        });
  }

  /** The steps of a task, in the order in which they started. */
  List<StepStatus> steps(TaskerDemoTask task) {
    var sql =
        """
        select named.name, transition.to_state, coalesce(step.attempts, 0), step.results::text
        from tasker.workflow_steps step
        join tasker.named_steps named using (named_step_uuid)
        join tasker.workflow_step_transitions transition
          on transition.workflow_step_uuid = step.workflow_step_uuid and transition.most_recent
        where step.task_uuid = ?
        order by step.last_attempted_at nulls last, named.name
        """;
    return database.call(
        "read the steps",
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            statement.setObject(1, task.id());
            var lines = new ArrayList<StepStatus>();
            try (var rows = statement.executeQuery()) {
              while (rows.next()) {
                lines.add(
                    new StepStatus(
                        rows.getString(1),
                        rows.getString(2),
                        rows.getInt(3),
                        json(rows.getString(4))));
              }
            }
            return lines;
          }
        });
  }

  private static JsonNode json(@Nullable String text) {
    return text == null ? JSON.nullNode() : JSON.readTree(text);
  }
}
