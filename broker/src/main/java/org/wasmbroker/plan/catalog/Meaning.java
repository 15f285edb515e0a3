package org.wasmbroker.plan.catalog;

import java.util.Arrays;
import java.util.Optional;
import org.wasmbroker.step.WireName;
import tools.jackson.databind.JsonNode;

/**
 * What a part of a configuration means to the broker, as the keyword {@code x-means} of a
 * manifest's {@code config_schema} says. It lets a plan be checked without knowing the handler.
 */
public enum Meaning {
  /** A filter of jq, or a JSONPath. */
  FILTER,
  /** Text, or a value whose texts may contain references such as {@code ${deps.a.id}}. */
  REFERENCES,
  /** The URL of a request; it may contain references. */
  URL,
  /** The method of the request. */
  METHOD,
  /** The name of a step that comes before this one. */
  UPSTREAM_STEP,
  /** The name of a step that depends on this one and that its result may create or start. */
  CREATED_STEP,
  /** The name of the step that works on the parts of this one's work. */
  WORKER_STEP,
  /** The most new steps or parts that its result may ask for. */
  NEW_WORK,
  /**
   * An object with the {@code handler} of new steps, and if it likes {@code version} and {@code
   * config}. What else is in it has meanings of its own.
   */
  STEP_MESSAGE;

  /** Whether nothing within the value means anything else. */
  public boolean speaksForItsParts() {
    return this != STEP_MESSAGE;
  }

  /** What the schema says of the value that it describes. */
  public static Optional<Meaning> of(JsonNode schema) {
    var text = schema.path(Schemas.MEANS);
    return text.isString()
        ? Arrays.stream(values())
            .filter(meaning -> WireName.of(meaning).equals(text.stringValue()))
            .findFirst()
        : Optional.empty();
  }
}
