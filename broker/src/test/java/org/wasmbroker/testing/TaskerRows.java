package org.wasmbroker.testing;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The contents of Tasker's tables and queues, for tests to compare. */
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
    /** The event, which is a string in the metadata. */
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
        from workflow_step_transitions where workflow_step_uuid = ? order by sort_key, created_at\
        """,
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

  /**
   * The states that a step went through, the oldest first. The orchestrator sometimes writes the
   * transition from {@code pending} to {@code enqueued} twice: it counts once, and so does a claim
   * that the second one took back.
   */
  public List<String> states(UUID step) {
    var states = new ArrayList<String>();
    for (var transition : transitions(step)) {
      var state = transition.to();
      boolean again = "pending".equals(transition.from()) && state.equals("enqueued");
      if (again && !states.isEmpty() && states.getLast().equals("in_progress")) {
        states.removeLast();
      }
      if (!state.equals("enqueued") || states.isEmpty() || !states.getLast().equals(state)) {
        states.add(state);
      }
    }
    return states;
  }

  /** The state that a step is in. */
  public String state(UUID step) {
    return states(step).getLast();
  }

  /** The steps of a task by name. */
  public Map<String, UUID> steps(UUID task) {
    var steps = new LinkedHashMap<String, UUID>();
    read(
            """
            select n.name, s.workflow_step_uuid from workflow_steps s join named_steps n using (named_step_uuid)
            where s.task_uuid = ? order by s.created_at, s.workflow_step_uuid\
            """,
            rows -> Map.entry(rows.getString(1), rows.getObject(2, UUID.class)),
            task)
        .forEach(step -> steps.put(step.getKey(), step.getValue()));
    return steps;
  }

  /** The correlation id of a task. */
  public UUID correlation(UUID task) {
    return read(
            "select correlation_id from tasks where task_uuid = ?",
            rows -> rows.getObject(1, UUID.class),
            task)
        .getFirst();
  }

  /** The column {@code complete} of a task. */
  public boolean taskIsComplete(UUID task) {
    return read("select complete from tasks where task_uuid = ?", rows -> rows.getBoolean(1), task)
        .getFirst();
  }

  /** All transitions of a task, the oldest first: the state and the event in its metadata. */
  public List<Map.Entry<String, String>> taskTransitions(UUID task) {
    return read(
        """
        select to_state, coalesce(metadata->>'event', '') from task_transitions
        where task_uuid = ? order by sort_key, created_at\
        """,
        rows -> Map.entry(rows.getString(1), rows.getString(2)),
        task);
  }

  /** The latest state of a task. */
  public String taskState(UUID task) {
    return taskTransitions(task).getLast().getKey();
  }

  public StepRow step(UUID step) {
    return read(
            """
            select coalesce(attempts, 0), in_process, processed, retryable, max_attempts,
              backoff_request_seconds, last_attempted_at is not null, inputs, results, checkpoint
            from workflow_steps where workflow_step_uuid = ?\
            """,
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
        from workflow_step_result_audit where workflow_step_uuid = ? order by recorded_at\
        """,
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

  /** The messages about a step in a queue. */
  public List<JsonNode> queued(String queue, UUID step) {
    return messages("q_" + queue, step);
  }

  /** The messages about a step in a queue's archive. */
  public List<JsonNode> archived(String queue, UUID step) {
    return messages("a_" + queue, step);
  }

  /**
   * Polls until the query returns true.
   *
   * @throws AssertionError if it does not in time
   */
  public void await(String what, Duration atMost, String sql, Object... values) {
    database.call(
        connection -> {
          connection.setAutoCommit(true); // so that each query sees new rows
          long deadline = System.nanoTime() + atMost.toNanos();
          try (var condition = connection.prepareStatement(sql);
              var pause = connection.prepareStatement("select pg_sleep(0.02)")) {
            for (int i = 0; i < values.length; i++) {
              condition.setObject(i + 1, values[i]);
            }
            while (!isTrue(condition)) {
              if (System.nanoTime() > deadline) {
                throw new AssertionError("not in " + atMost + ": " + what);
              }
              pause.execute();
            }
          }
          connection.setAutoCommit(false);
          return what;
        });
  }

  private static boolean isTrue(PreparedStatement statement) throws SQLException {
    try (var rows = statement.executeQuery()) {
      return rows.next() && rows.getBoolean(1);
    }
  }

  private List<JsonNode> messages(String table, UUID step) {
    return read(
        "select message from pgmq.%s where message->>'step_uuid' = ? order by msg_id"
            .formatted(table),
        rows -> json(rows.getString(1)),
        step.toString());
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
              var result = new ArrayList<T>();
              while (rows.next()) {
                result.add(row.of(rows));
              }
              return result;
            }
          }
        });
  }

  private static JsonNode json(@Nullable String text) {
    return text == null ? JSON.nullNode() : JSON.readTree(text);
  }
}
