package org.wasmbroker.protocol.tasker.template;

import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.document.ParsedDocument;

/**
 * Collects what is wrong with a template, and says how exact the reading is.
 *
 * @param strict whether unknown members and values out of their range are problems
 */
record ProblemCollector(ParsedDocument document, boolean strict) {
  /**
   * @param message half a sentence that follows the pointer, such as {@code is missing}
   */
  void add(JsonPointer pointer, String message) {
    document.problem(pointer, message);
  }
}
