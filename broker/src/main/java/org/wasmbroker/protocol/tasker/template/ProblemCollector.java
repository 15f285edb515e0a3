package org.wasmbroker.protocol.tasker.template;

import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.document.ParsedDocument;

/**
 * Collects the problems of a template, and determines how strict the reading is.
 *
 * @param strict whether unknown members and values out of range are problems
 */
record ProblemCollector(ParsedDocument document, boolean strict) {
  /**
   * @param message a phrase that follows the pointer, such as {@code is missing}
   */
  void add(JsonPointer pointer, String message) {
    document.problem(pointer, message);
  }
}
