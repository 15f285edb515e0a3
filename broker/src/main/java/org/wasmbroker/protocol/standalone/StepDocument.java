package org.wasmbroker.protocol.standalone;

import org.wasmbroker.protocol.DocumentWriter;
import org.wasmbroker.protocol.standalone.StepMessage.Slice;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Document;

/**
 * Composes the document that a guest reads (docs/guest-abi.md). The message's members are copied
 * byte for byte. What this protocol does not have is omitted from {@code step} and {@code task};
 * {@code prev} and {@code checkpoint} are null.
 */
final class StepDocument {
  private static final Document EMPTY = Document.of("{}");

  private StepDocument() {}

  static Document of(
      StepMessage message, String name, Attempt attempt, long timeoutMillis, Document source) {
    return DocumentWriter.object(
        json -> {
          json.start("step").member("step_uuid", message.ids().step().value());
          if (message.ids().task() != null) {
            json.member("task_uuid", message.ids().task());
          }
          if (message.ids().correlation() != null) {
            json.member("correlation_id", message.ids().correlation());
          }
          json.member("name", name)
              .member("handler", message.handler().name())
              .member("attempt", attempt.number())
              .member("max_attempts", attempt.max())
              .member("deadline_ms", timeoutMillis)
              .member("inputs", EMPTY)
              .end()
              .member("task", EMPTY);
          part(json, "config", source, message.config());
          part(json, "context", source, message.input());
          part(json, "deps", source, message.deps());
          json.member("prev", (String) null).member("checkpoint", (String) null);
        });
  }

  private static void part(DocumentWriter json, String name, Document source, Slice slice) {
    if (slice.isEmpty()) {
      json.member(name, EMPTY);
    } else {
      json.member(name, source, slice.start(), slice.end());
    }
  }
}
