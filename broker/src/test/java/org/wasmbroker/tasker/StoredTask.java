package org.wasmbroker.tasker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.wasmbroker.testing.TaskerEnvironment;
import org.wasmbroker.testing.TaskerRows;
import org.wasmbroker.testing.TaskerRows.Audit;
import org.wasmbroker.testing.TaskerRows.Transition;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * All that is stored about a task, with names for ids and times, in the form of the ground truth.
 */
final class StoredTask {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String RESULTS_QUEUE = "orchestration_step_results";
  private static final Pattern ID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern TIME =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|\\+00:00)");

  private final TaskerEnvironment stage;
  private final TaskerRows rows;
  private final UUID task;
  private final Map<String, String> names = new HashMap<>();

  StoredTask(TaskerEnvironment stage, UUID task) {
    this.stage = stage;
    this.rows = stage.rows();
    this.task = task;
    names.put(task.toString(), "<task>");
    names.put(rows.correlation(task).toString(), "<correlation>");
    stage.steps(task).forEach((name, step) -> nameStep(name, step));
  }

  private void nameStep(String name, UUID step) {
    names.put(step.toString(), "<step " + name + ">");
    for (var audit : rows.audits(step)) {
      names.put(String.valueOf(audit.worker()), "<worker>");
    }
  }

  JsonNode asJson() {
    var json = JSON.createObjectNode().put("complete", rows.taskIsComplete(task));
    var transitions = json.putArray("transitions");
    for (var transition : rows.taskTransitions(task)) {
      var event = transition.getValue();
      transitions
          .addObject()
          .put("to", transition.getKey())
          .put("event", event.isEmpty() ? null : named(event));
    }
    var steps = json.putObject("steps");
    stage.steps(task).forEach((name, step) -> steps.set(name, step(step)));
    return json;
  }

  private ObjectNode step(UUID step) {
    var json = JSON.createObjectNode();
    json.set("row", row(rows.step(step)));
    json.set("results", named(rows.results(step)));
    var transitions = rows.transitions(step);
    var array = json.putArray("transitions");
    transitions.forEach(transition -> array.add(transition(transition)));
    json.set("audits", audits(rows.audits(step), transitions));
    json.set("worker_archive", named(rows.archived(stage.queue(), step)));
    json.set("results_archive", named(rows.archived(RESULTS_QUEUE, step)));
    return json;
  }

  private ObjectNode row(TaskerRows.StepRow row) {
    var json =
        JSON.createObjectNode()
            .put("retryable", row.retryable())
            .put("max_attempts", row.maxAttempts())
            .put("in_process", row.inProcess())
            .put("processed", row.processed())
            .put("attempts", row.attempts())
            .put("backoff_request_seconds", row.backoffSeconds());
    json.set("inputs", named(row.inputs()));
    json.set("checkpoint", named(row.checkpoint()));
    return json;
  }

  private ObjectNode transition(Transition transition) {
    var json = JSON.createObjectNode().put("from", transition.from()).put("to", transition.to());
    var metadata = (ObjectNode) named(transition.metadata());
    if (metadata.path("event").isString()) {
      metadata.set("event", named(transition.event()));
    }
    json.set("metadata", metadata);
    return json;
  }

  private ArrayNode audits(List<Audit> audits, List<Transition> transitions) {
    var json = JSON.createArrayNode();
    for (var audit : audits) {
      json.addObject()
          .put("transition", sortKey(audit.transition(), transitions))
          .put("worker", named(String.valueOf(audit.worker())))
          .put("correlation", named(String.valueOf(audit.correlation())))
          .put("success", audit.success())
          .put("execution_time_ms", audit.executionTimeMs());
    }
    return json;
  }

  private static int sortKey(UUID transition, List<Transition> transitions) {
    return transitions.stream()
        .filter(one -> one.uuid().equals(transition))
        .findFirst()
        .orElseThrow()
        .sortKey();
  }

  private ArrayNode named(List<JsonNode> messages) {
    var json = JSON.createArrayNode();
    messages.forEach(message -> json.add(named(message)));
    return json;
  }

  private JsonNode named(JsonNode json) {
    if (json instanceof ObjectNode object) {
      var named = JSON.createObjectNode();
      object.properties().forEach(member -> named.set(member.getKey(), named(member.getValue())));
      return named;
    }
    if (json instanceof ArrayNode array) {
      var named = JSON.createArrayNode();
      array.values().forEach(element -> named.add(named(element)));
      return named;
    }
    return json.isString() ? JSON.getNodeFactory().stringNode(named(json.asString())) : json;
  }

  private String named(String text) {
    var known = ID.matcher(text).replaceAll(id -> names.getOrDefault(id.group(), "<uuid>"));
    return TIME.matcher(known).replaceAll("<time>");
  }
}
