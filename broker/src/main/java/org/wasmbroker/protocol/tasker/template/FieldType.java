package org.wasmbroker.protocol.tasker.template;

import org.wasmbroker.document.JsonPointer;
import tools.jackson.databind.JsonNode;

/** What may stand at one place of a template. */
interface FieldType {
  /**
   * The value as Tasker writes it: members complete, by their proper names. What is wrong with it
   * is reported; then the answer is of no use, and never null.
   */
  JsonNode complete(JsonNode value, JsonPointer pointer, ProblemCollector problems);
}
