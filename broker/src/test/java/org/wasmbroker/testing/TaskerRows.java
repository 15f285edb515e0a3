package org.wasmbroker.testing;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What stands in Tasker's tables and queues, for tests to compare. */
public final class TaskerRows {
  private static final JsonMapper JSON = new JsonMapper();

  private final TaskerDatabase database;

  public TaskerRows(TaskerDatabase database) {
    this.database = database;
  }

  /** One row of {@code workflow_step_transitions}. */
  public record Transition(
      UUID uuid,
      @Nullable String from,
      String to,
      int sortKey,
      boolean mostRecent,
      JsonNode metadata) {
    /** The event, which the metadata have as a string. */
    public JsonNode event() {
      return JSON.readTree(metadata.path("event").asString());
    }
  }

  /** The columns of {@code workflow_steps} that change while a step is worked on. */
  public record StepRow(
      int attempts,
      boolean inProcess,
      boolean processed,
      boolean retryable,
      int maxAttempts,
      @Nullable Integer backoffSeconds,
      boolean attempted,
      JsonNode inputs,
      JsonNode results,
      JsonNode checkpoint) {}

  /** One row of {@code workflow_step_result_audit}. */
  public record Audit(
      UUID transition,
      UUID task,
      @Nullable UUID worker,
      @Nullable UUID correlation,
      boolean success,
      @Nullable Long executionTimeMs) {}

  /** All transitions of a step, the oldest first. */
  public List<Transition> transitions(UUID step) {
    return read(
        """
        select workflow_step_transition_uuid, from_state, to_state, sort_key, most_recent, metadata
        from workflow_step_transitions where workflow_step_uuid = ? order by sort_key, created_at""",
        rows ->
            new Transition(
                rows.getObject(1, UUID.class),
                rows.getString(2),
                rows.getString(3),
                rows.getInt(4),
                rows.getBoolean(5),
                json(rows.getString(6))),
        step);
  }

  /** The states that a step went through, the oldest first. */
  public List<String> states(UUID step) {
    return transitions(step).stream().map(Transition::to).toList();
  }

  /** The state that a step is in. */
  public String state(UUID step) {
    return states(step).getLast();
  }

  public StepRow step(UUID step) {
    return read(
            """
            select coalesce(attempts, 0), in_process, processed, retryable, max_attempts,
              backoff_request_seconds, last_attempted_at is not null, inputs, results, checkpoint
            from workflow_steps where workflow_step_uuid = ?""",
            rows ->
                new StepRow(
                    rows.getInt(1),
                    rows.getBoolean(2),
                    rows.getBoolean(3),
                    rows.getBoolean(4),
                    rows.getInt(5),
                    rows.getObject(6, Integer.class),
                    rows.getBoolean(7),
                    json(rows.getString(8)),
                    json(rows.getString(9)),
                    json(rows.getString(10))),
            step)
        .getFirst();
  }

  /** The results of a step; JSON null when there are none. */
  public JsonNode results(UUID step) {
    return step(step).results();
  }

  public List<Audit> audits(UUID step) {
    return read(
        """
        select workflow_step_transition_uuid, task_uuid, worker_uuid, correlation_id, success, execution_time_ms
        from workflow_step_result_audit where workflow_step_uuid = ? order by recorded_at""",
        rows ->
            new Audit(
                rows.getObject(1, UUID.class),
                rows.getObject(2, UUID.class),
                rows.getObject(3, UUID.class),
                rows.getObject(4, UUID.class),
                rows.getBoolean(5),
                rows.getObject(6, Long.class)),
        step);
  }

  /** The messages of a queue, visible or not. */
  public List<JsonNode> queued(String queue) {
    return messages("q_" + queue);
  }

  /** The messages that were archived from a queue. */
  public List<JsonNode> archived(String queue) {
    return messages("a_" + queue);
  }

  private List<JsonNode> messages(String table) {
    return read(
        "select message from pgmq.%s order by msg_id".formatted(table),
        rows -> json(rows.getString(1)));
  }

  /** What {@link #read} makes of a row. */
  @FunctionalInterface
  private interface Row<T> {
    T of(ResultSet rows) throws SQLException;
  }

  private <T> List<T> read(String sql, Row<T> row, Object... values) {
    return database.call(
        connection -> {
          try (var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
              statement.setObject(i + 1, values[i]);
            }
            try (var rows = statement.executeQuery()) {
              var answer = new ArrayList<T>();
              while (rows.next()) {
                answer.add(row.of(rows));
              }
              return answer;
            }
          }
        });
  }

  private static JsonNode json(@Nullable String text) {
    return text == null ? JSON.nullNode() : JSON.readTree(text);
  }
}
