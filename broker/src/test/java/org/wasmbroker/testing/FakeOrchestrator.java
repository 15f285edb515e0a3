package org.wasmbroker.testing;

import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tasker's orchestrator under a test's control, one action at a time: it writes the rows and sends
 * the messages that the real one does, and does nothing by itself. Each action is one transaction.
 */
public final class FakeOrchestrator {
  private static final JsonMapper JSON = new JsonMapper();
  private static final List<String> OWN_QUEUES =
      List.of(
          "orchestration_step_results",
          "orchestration_task_requests",
          "orchestration_task_finalizations");

  private final TaskerDatabase database;

  public FakeOrchestrator(TaskerDatabase database) {
    this.database = database;
    database.run(
        connection -> {
          for (var queue : OWN_QUEUES) {
            update(connection, "select pgmq.create(?)", queue);
          }
        });
  }

  /**
   * A task and its steps by name.
   *
   * @param steps the existing ones: neither batch workers nor the successors of a decision
   */
  public record Task(UUID task, UUID correlation, Map<String, UUID> steps) {
    public UUID step(String name) {
      return Objects.requireNonNull(steps.get(name), () -> "no step " + name + " in " + steps);
    }

    /** The only step of the task. */
    public UUID step() {
      return steps.values().iterator().next();
    }
  }

  /** Writes namespace and template as a starting worker does, and creates the queue. */
  public void register(String template) {
    var json = JSON.readTree(template);
    database.run(
        connection -> {
          register(connection, json);
        });
  }

  private static void register(Connection connection, JsonNode template) throws SQLException {
    var namespace = template.path("namespace_name").asString();
    update(connection, "select pgmq.create(?)", queueOf(namespace));
    update(
        connection,
        """
        insert into task_namespaces (name, description, created_at, updated_at)
        values (?, 'Auto-created namespace: ' || ?, now(), now()) on conflict (name) do nothing""",
        namespace,
        namespace);
    update(
        connection,
        """
        insert into named_tasks (task_namespace_uuid, name, version, configuration, created_at, updated_at)
        select task_namespace_uuid, ?, ?, ?::jsonb, now(), now() from task_namespaces where name = ?
        on conflict (task_namespace_uuid, name, version)
        do update set configuration = excluded.configuration, updated_at = now()""",
        template.path("name").asString(),
        template.path("version").asString(),
        template.toString(),
        namespace);
  }

  public static String queueOf(String namespace) {
    return "worker_" + namespace + "_queue";
  }

  /** Registers the template and creates a task of it; the steps without dependencies are ready. */
  public Task submit(String template, String context) {
    return submit(template, context, 1).getFirst();
  }

  /** Creates this many tasks at once, with few statements. */
  public List<Task> submit(String template, String context, int count) {
    var tasks = insert(template, context, count);
    var roots = rootSteps(JSON.readTree(template));
    enqueue(
        tasks.stream()
            .flatMap(task -> task.steps().entrySet().stream())
            .filter(step -> roots.contains(step.getKey()))
            .map(Map.Entry::getValue)
            .toList());
    return tasks;
  }

  /** Registers the template and creates tasks of it whose steps are all pending. */
  public List<Task> insert(String template, String context, int count) {
    var json = JSON.readTree(template);
    var tasks = Stream.generate(UUID::randomUUID).limit(count).toList();
    return database.call(
        connection -> {
          register(connection, json);
          insertTasks(connection, json, context, tasks);
          var created = initialSteps(json);
          for (var step : created.values()) {
            insertSteps(connection, step, tasks);
          }
          for (var step : created.values()) {
            for (var dependency : step.path("dependencies")) {
              insertEdges(connection, dependency.asString(), step.path("name").asString(), tasks);
            }
          }
          update(
              connection,
              """
              insert into workflow_step_transitions
                (workflow_step_uuid, to_state, metadata, sort_key, most_recent, created_at, updated_at)
              select workflow_step_uuid, 'pending',
                '{"from_service":"task_initializer","initial_state":"pending"}', 1, true, now(), now()
              from workflow_steps where task_uuid = any(?)""",
              uuids(connection, tasks));
          return read(connection, tasks);
        });
  }

  private static void insertTasks(
      Connection connection, JsonNode template, String context, List<UUID> tasks)
      throws SQLException {
    update(
        connection,
        """
        insert into tasks (task_uuid, named_task_uuid, requested_at, initiator, source_system, reason,
          tags, context, identity_hash, created_at, updated_at, correlation_id)
        select task, t.named_task_uuid, now(), 'test', 'test', 'test',
          '[]', ?::jsonb, task::text, now(), now(), uuidv7()
        from unnest(?) as task, named_tasks t join task_namespaces n using (task_namespace_uuid)
        where n.name = ? and t.name = ? and t.version = ?""",
        context,
        uuids(connection, tasks),
        template.path("namespace_name").asString(),
        template.path("name").asString(),
        template.path("version").asString());
  }

  private static void insertSteps(Connection connection, JsonNode step, List<UUID> tasks)
      throws SQLException {
    var name = step.path("name").asString();
    update(
        connection,
        """
        insert into named_steps (name, created_at, updated_at) values (?, now(), now())
        on conflict (name) do nothing""",
        name);
    var initialization = step.path("handler").path("initialization");
    update(
        connection,
        """
        insert into workflow_steps (task_uuid, named_step_uuid, retryable, max_attempts, inputs, created_at, updated_at)
        select task, s.named_step_uuid, ?, ?, ?::jsonb, now(), now()
        from unnest(?) as task, named_steps s where s.name = ?""",
        step.path("retry").path("retryable").asBoolean(true),
        step.path("retry").path("max_attempts").asInt(3),
        initialization.isEmpty() ? null : initialization.toString(),
        uuids(connection, tasks),
        name);
  }

  private static void insertEdges(Connection connection, String from, String to, List<UUID> tasks)
      throws SQLException {
    update(
        connection,
        """
        insert into workflow_step_edges (from_step_uuid, to_step_uuid, name, created_at, updated_at)
        select f.workflow_step_uuid, t.workflow_step_uuid, 'provides', now(), now()
        from workflow_steps f join named_steps fn using (named_step_uuid)
        join workflow_steps t on t.task_uuid = f.task_uuid
        join named_steps tn on tn.named_step_uuid = t.named_step_uuid
        where f.task_uuid = any(?) and fn.name = ? and tn.name = ?""",
        uuids(connection, tasks),
        from,
        to);
  }

  /** Makes pending steps ready, and sends their messages. */
  public void enqueue(List<UUID> steps) {
    database.run(
        connection -> {
          enqueue(connection, steps);
        });
  }

  private static void enqueue(Connection connection, List<UUID> steps) throws SQLException {
    transition(connection, steps, "enqueued", event("Enqueue"));
    update(
        connection,
        """
        select pgmq_send_with_notify('worker_' || n.name || '_queue',
          jsonb_build_object('task_uuid', t.task_uuid, 'step_uuid', s.workflow_step_uuid,
            'correlation_id', t.correlation_id), 0)
        from unnest(?) with ordinality as wanted (step, place)
        join workflow_steps s on s.workflow_step_uuid = wanted.step
        join tasks t on t.task_uuid = s.task_uuid
        join named_tasks using (named_task_uuid) join task_namespaces n using (task_namespace_uuid)
        order by place""",
        uuids(connection, steps));
  }

  /** Ends a step whose success was reported: its results stay as the worker wrote them. */
  public void complete(UUID step) {
    database.run(
        connection -> {
          complete(connection, step);
        });
  }

  /** Ends a step with this result value, as if a worker had reported it. */
  public void completeWith(UUID step, String result) {
    var results =
        """
        {"step_uuid":"%s","success":true,"result":%s,"status":"completed","error":null,
         "metadata":{"execution_time_ms":1,"retryable":false,"custom":{},"context":{}},
         "orchestration_metadata":{"headers":{},"error_context":null,"backoff_hint":null,"custom":{}}}"""
            .formatted(step, result);
    database.run(
        connection -> {
          update(
              connection,
              "update workflow_steps set results = ?::jsonb where workflow_step_uuid = ?",
              results,
              step);
          complete(connection, step);
        });
  }

  private static void complete(Connection connection, UUID step) throws SQLException {
    transition(connection, List.of(step), "complete", event("Complete"));
    update(
        connection,
        """
        update workflow_steps set processed = true, processed_at = now(), in_process = false, updated_at = now()
        where workflow_step_uuid = ?""",
        step);
  }

  /** Retries a step whose failure was reported, immediately and with a new message. */
  public void retry(UUID step) {
    database.run(
        connection -> {
          var one = List.of(step);
          transition(connection, one, "waiting_for_retry", event("WaitForRetry"));
          transition(connection, one, "pending", event("Retry"));
          enqueue(connection, one);
        });
  }

  /** Ends a step whose failure was reported. */
  public void fail(UUID step) {
    database.run(
        connection -> {
          transition(connection, List.of(step), "error", event("Fail"));
        });
  }

  /** What {@code DELETE /v1/tasks/…} does with a step, whatever its state. */
  public void cancel(UUID step) {
    endExternally(step, "cancelled", "Cancel");
  }

  /** What an operator's {@code resolve_manually} does with a step, whatever its state. */
  public void resolveManually(UUID step) {
    endExternally(step, "resolved_manually", "ResolveManually");
  }

  private void endExternally(UUID step, String state, String event) {
    database.run(
        connection -> {
          transition(connection, List.of(step), state, event(event));
          update(
              connection,
              """
              update workflow_steps set processed = true, processed_at = now(), in_process = false, updated_at = now()
              where workflow_step_uuid = ?""",
              step);
        });
  }

  private static String event(String type) {
    return JSON.createObjectNode()
        .put("event", "{\"type\":\"%s\"}".formatted(type))
        .put("timestamp", "2026-01-01T00:00:00.123456789+00:00")
        .toString();
  }

  private static void transition(
      Connection connection, List<UUID> steps, String state, String metadata) throws SQLException {
    update(
        connection,
        """
        with latest as (
          update workflow_step_transitions set most_recent = false, updated_at = now()
          where workflow_step_uuid = any(?) and most_recent
          returning workflow_step_uuid, to_state, sort_key)
        insert into workflow_step_transitions
          (workflow_step_uuid, to_state, from_state, metadata, sort_key, most_recent, created_at, updated_at)
        select workflow_step_uuid, ?, to_state, ?::jsonb, sort_key + 1, false, now(), now() from latest""",
        uuids(connection, steps),
        state,
        metadata);
    // Not in the statement above: it would meet the unique index before the old row has left it.
    update(
        connection,
        """
        update workflow_step_transitions t set most_recent = true
        where workflow_step_uuid = any(?) and sort_key = (
          select max(sort_key) from workflow_step_transitions l where l.workflow_step_uuid = t.workflow_step_uuid)""",
        uuids(connection, steps));
  }

  private static List<String> rootSteps(JsonNode template) {
    return template.path("steps").values().stream()
        .filter(step -> step.path("dependencies").isEmpty())
        .map(step -> step.path("name").asString())
        .toList();
  }

  /** Without batch workers and successors of those or of a decision, which are created later. */
  private static Map<String, JsonNode> initialSteps(JsonNode template) {
    var created = new LinkedHashMap<String, JsonNode>();
    var deferred = new ArrayList<String>();
    for (var step : template.path("steps")) {
      var name = step.path("name").asString();
      var type = step.path("type").asString("standard");
      boolean follows =
          step.path("dependencies").values().stream()
              .map(JsonNode::asString)
              .anyMatch(
                  dependency ->
                      deferred.contains(dependency)
                          || isDecision(Objects.requireNonNull(created.get(dependency))));
      if (type.equals("batch_worker") || follows) {
        deferred.add(name);
      } else {
        created.put(name, step);
      }
    }
    return created;
  }

  private static boolean isDecision(JsonNode step) {
    return step.path("type").asString("standard").equals("decision");
  }

  private static List<Task> read(Connection connection, List<UUID> tasks) throws SQLException {
    var found = new LinkedHashMap<UUID, Task>();
    try (var statement =
        connection.prepareStatement(
            """
            select t.task_uuid, t.correlation_id, n.name, s.workflow_step_uuid
            from unnest(?) with ordinality as wanted (task, place) join tasks t on t.task_uuid = wanted.task
            join workflow_steps s on s.task_uuid = t.task_uuid join named_steps n using (named_step_uuid)
            order by place, s.workflow_step_uuid""")) {
      statement.setArray(1, uuids(connection, tasks));
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          var task = rows.getObject(1, UUID.class);
          var correlation = rows.getObject(2, UUID.class);
          found
              .computeIfAbsent(task, uuid -> new Task(uuid, correlation, new LinkedHashMap<>()))
              .steps()
              .put(rows.getString(3), rows.getObject(4, UUID.class));
        }
      }
    }
    return List.copyOf(found.values());
  }

  private static Array uuids(Connection connection, List<UUID> uuids) throws SQLException {
    return connection.createArrayOf("uuid", uuids.toArray());
  }

  private static void update(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      statement.execute();
    }
  }
}
