package org.wasmbroker.tasker;

import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** All differences allowed between the broker's rows and those of Tasker's own workers. */
final class AllowedDifferences {
  private static final JsonMapper JSON = new JsonMapper();

  /** Members that are not compared, as paths. */
  private static final List<Pattern> MEMBERS =
      List.of(
          // The receipt; their workers leave it empty.
          Pattern.compile(".*/metadata/custom"),
          // Who ran the step and by what; they leave these null.
          Pattern.compile(".*/metadata/(worker_id|worker_hostname|handler_version)"),
          // A measured duration.
          Pattern.compile(".*/metadata/execution_time_ms"),
          // The context of an error is also part of the error; they have it in the metadata only.
          Pattern.compile(".*/error/context"),
          // Their dispatcher adds these to an error that a handler returns; a guest writes its own.
          Pattern.compile("/steps/e/.*/metadata/context"),
          // The configuration of the handler transform, which replaces three others.
          Pattern.compile("/steps/[^/]+/row/inputs/filter"));

  /** Parts of strings that are not compared: all but the first group. */
  private static final List<Pattern> TEXTS =
      List.of(
          // The broker also lists the available handlers.
          Pattern.compile("(Handler not found: no_such_callable) \\(.*\\)"),
          // Whose result the orchestrator was processing when it read the task: a race of its
          // own.
          Pattern.compile("(StepCompleted)\\(<step \\w+>\\)"));

  private AllowedDifferences() {}

  /** A copy without the differences, with members sorted by name. */
  static JsonNode normalize(JsonNode json) {
    return normalize(json, "");
  }

  private static JsonNode normalize(JsonNode json, String path) {
    if (json instanceof ObjectNode object) {
      var members = new TreeMap<String, JsonNode>();
      for (var member : object.properties()) {
        var place = path + "/" + member.getKey();
        if (MEMBERS.stream().noneMatch(pattern -> pattern.matcher(place).matches())) {
          members.put(member.getKey(), normalize(member.getValue(), place));
        }
      }
      return JSON.createObjectNode().setAll(members);
    }
    if (json instanceof ArrayNode array) {
      var copy = JSON.createArrayNode();
      for (var element : array.values()) {
        var normal = normalize(element, path);
        if (!isSecondStart(path, normal, copy)) {
          copy.add(normal);
        }
      }
      return copy;
    }
    return json.isString() ? JSON.getNodeFactory().stringNode(truncate(json.asString())) : json;
  }

  /** The orchestrator may start a task twice when it is slow to start it: a race of its own. */
  private static boolean isSecondStart(String path, JsonNode element, ArrayNode before) {
    return path.equals("/transitions")
        && element.path("event").asString("").equals("Start")
        && !before.isEmpty()
        && before.get(before.size() - 1).equals(element);
  }

  private static String truncate(String text) {
    var shorter = text;
    for (var pattern : TEXTS) {
      shorter = pattern.matcher(shorter).replaceAll("$1");
    }
    return shorter;
  }
}
