package org.wasmbroker.protocol.tasker.template;

import org.wasmbroker.document.JsonPointer;
import tools.jackson.databind.JsonNode;

/** A type of values in a template. */
interface FieldType {
  /**
   * The value as Tasker stores it: complete members under their canonical names. Problems are
   * reported; the result is then unusable, but never null.
   */
  JsonNode complete(JsonNode value, JsonPointer pointer, ProblemCollector problems);
}
