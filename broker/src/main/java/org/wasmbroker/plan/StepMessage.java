package org.wasmbroker.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.plan.ConfigurationParts.Part;
import org.wasmbroker.step.HandlerRef;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The steps that a part of a configuration asks for. */
final class StepMessage {
  private StepMessage() {}

  /** As a step; null if its handler is missing, which the schema says, or no reference. */
  static @Nullable PlanStep of(PlanStep creator, Part part, Findings findings) {
    var message = part.value();
    var name = message.path("handler").asString("");
    if (name.isEmpty()) {
      return null;
    }
    var version = message.path("version").asString("");
    var pointer = part.pointer().member("handler");
    HandlerRef handler;
    try {
      handler = HandlerRef.parse(version.isEmpty() ? name : name + "@" + version);
    } catch (IllegalArgumentException invalid) {
      findings.error("handler", pointer, String.valueOf(invalid.getMessage()), "");
      return null;
    }
    return new PlanStep(
        creator.name(),
        part.pointer(),
        handler,
        pointer,
        config(message),
        part.pointer().member("config"),
        List.of(),
        null,
        true);
  }

  private static JsonNode config(JsonNode message) {
    var config = message.path("config");
    return config.isObject() ? config : JsonNodeFactory.instance.objectNode();
  }
}
