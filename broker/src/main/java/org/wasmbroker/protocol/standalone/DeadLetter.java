package org.wasmbroker.protocol.standalone;

import java.io.StringWriter;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.StepExecutionResult;
import org.wasmbroker.step.StepError;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Our part of a dead letter. The database adds the message itself and where it came from, so that
 * documents need not travel back.
 *
 * @param reason a word for programs
 * @param detail a sentence for people
 * @param attempts how many attempts were made
 * @param lastError the error of the last one, or null
 */
record DeadLetter(Reason reason, String detail, int attempts, @Nullable StepError lastError) {
  private static final JsonFactory JSON = new JsonFactory();

  enum Reason {
    /** The message is no step. */
    INVALID("invalid"),
    /** Every attempt that there may be has failed. */
    EXHAUSTED("exhausted"),
    /** Claim after claim ended with no word. */
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
