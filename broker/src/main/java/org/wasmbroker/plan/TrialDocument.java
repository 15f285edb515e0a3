package org.wasmbroker.plan;

import java.util.List;
import org.wasmbroker.step.Document;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The step document of a trial: the configuration, and for each of its references a text, so that a
 * handler gets past them to what comes behind.
 */
final class TrialDocument {
  /** Usable wherever a reference may stand, also as a URL. */
  private static final String VALUE = "https://reference.invalid/";

  private static final int MAX_INDEX = 100;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private TrialDocument() {}

  static Document of(PlanStep step, List<Reference> references) {
    var document = NODES.objectNode();
    document.set("config", step.config());
    var none = "00000000-0000-0000-0000-000000000000";
    var self = document.putObject("step");
    self.put("step_uuid", none).put("task_uuid", none).put("correlation_id", none);
    self.put("name", step.name()).put("handler", String.valueOf(step.handler()));
    self.put("attempt", 1).put("max_attempts", 1).putObject("inputs");
    document
        .putObject("task")
        .put("name", "plan")
        .put("namespace", "default")
        .put("version", "1.0.0");
    document.putObject("context");
    document.putObject("deps");
    document.putNull("prev");
    document.putNull("checkpoint");
    for (var reference : references) {
      if (reference.problem() == null && !reference.isSecret()) {
        put(document, reference.path());
      }
    }
    return Document.of(document.toString());
  }

  /** Where another reference has put something else already, that stays. */
  private static void put(ObjectNode document, List<String> path) {
    JsonNode at = document;
    for (int i = 0; i < path.size(); i++) {
      boolean last = i == path.size() - 1;
      JsonNode next =
          last
              ? NODES.stringNode(VALUE)
              : isIndex(path.get(i + 1)) ? NODES.arrayNode() : NODES.objectNode();
      var there =
          at.isArray() && isIndex(path.get(i)) ? at.path(index(path.get(i))) : at.path(path.get(i));
      boolean free = there.isMissingNode() || there.isNull() || (there.isString() && !last);
      if (!free) {
        at = there;
        continue;
      }
      if (at instanceof ObjectNode object) {
        object.set(path.get(i), next);
      } else if (at instanceof ArrayNode array && isIndex(path.get(i))) {
        while (array.size() <= index(path.get(i))) {
          array.add(VALUE);
        }
        array.set(index(path.get(i)), next);
      } else {
        return;
      }
      at = next;
    }
  }

  private static boolean isIndex(String step) {
    return step.matches("[0-9]{1,3}");
  }

  private static int index(String step) {
    return Math.min(MAX_INDEX, Integer.parseInt(step));
  }
}
