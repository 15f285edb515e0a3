package org.wasmbroker.protocol.standalone;

import java.io.StringWriter;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.StepExecutionResult;
import org.wasmbroker.step.StepError;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The broker's part of a dead letter. The database adds the message itself and its origin, so that
 * documents need not be sent back.
 *
 * @param reason for programs
 * @param detail for people, a sentence
 * @param attempts how many attempts were made
 * @param lastError the error of the last attempt, or null
 */
record DeadLetter(Reason reason, String detail, int attempts, @Nullable StepError lastError) {
  private static final JsonFactory JSON = new JsonFactory();

  enum Reason {
    /** The message is not a valid step. */
    INVALID("invalid"),
    /** All attempts have failed. */
    EXHAUSTED("exhausted"),
    /** Too many claims were lost while the step ran. */
    POISONED("poisoned");

    private final String code;

    Reason(String code) {
      this.code = code;
    }

    String code() {
      return code;
    }
  }

  String json() {
    var text = new StringWriter();
    try (var json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("reason", reason.code());
      json.writeStringProperty("detail", detail);
      json.writeNumberProperty("attempts", attempts);
      json.writeName("last_error");
      if (lastError == null) {
        json.writeNull();
      } else {
        StepExecutionResult.write(json, lastError);
      }
      json.writeEndObject();
    }
    return text.toString();
  }
}
