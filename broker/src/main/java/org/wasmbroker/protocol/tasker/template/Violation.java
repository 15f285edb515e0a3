package org.wasmbroker.protocol.tasker.template;

import java.util.List;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.StepError;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Something in a result that Tasker would not interpret as intended.
 *
 * @param message a phrase that follows the pointer
 */
record Violation(JsonPointer pointer, String message) {

  /** The error of a step that would fail in the same way every time. */
  StepError error(String type) {
    var context = JsonNodeFactory.instance.objectNode().put("pointer", pointer.toString());
    return new StepError(
        type,
        "the result's " + SafeText.sanitize(pointer.display() + " " + message, 1000),
        false,
        null,
        null,
        List.of(),
        new ErrorContext.Json(Document.of(context.toString())));
  }
}
