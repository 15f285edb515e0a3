package org.wasmbroker.protocol.standalone;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.standalone.StepMessage.Slice;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Document;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Composes the document that a guest reads (docs/guest-abi.md). The message's parts are copied as
 * the bytes they are. What this protocol does not have is left out of {@code step} and {@code
 * task}; {@code prev} and {@code checkpoint} are null.
 */
final class StepDocument {
  private static final int FRAME = 480;

  private byte[] bytes;
  private int size;

  private StepDocument(int capacity) {
    this.bytes = new byte[capacity];
  }

  static Document of(
      StepMessage message, String name, Attempt attempt, long timeoutMillis, Document source) {
    var document = new StepDocument(source.size() + FRAME);
    document.step(message, name, attempt, timeoutMillis);
    document.text(",\"task\":{},\"config\":");
    document.part(source, message.config(), "{}");
    document.text(",\"context\":");
    document.part(source, message.input(), "{}");
    document.text(",\"deps\":");
    document.part(source, message.deps(), "{}");
    document.text(",\"prev\":null,\"checkpoint\":null}");
    return Document.of(Arrays.copyOf(document.bytes, document.size));
  }

  private void step(StepMessage message, String name, Attempt attempt, long timeoutMillis) {
    text("{\"step\":{\"step_uuid\":\"");
    text(message.ids().step().toString());
    id("\",\"task_uuid\":\"", message.ids().task());
    id("\",\"correlation_id\":\"", message.ids().correlation());
    text("\",\"name\":\"");
    text(new String(JsonStringEncoder.getInstance().quoteAsCharArray(name)));
    text("\",\"handler\":\"");
    text(message.handler().name());
    text("\",\"attempt\":");
    text(Integer.toString(attempt.number()));
    text(",\"max_attempts\":");
    text(Integer.toString(attempt.max()));
    text(",\"deadline_ms\":");
    text(Long.toString(timeoutMillis));
    text(",\"inputs\":{}}");
  }

  private void id(String before, @Nullable UUID id) {
    if (id != null) {
      text(before);
      text(id.toString());
    }
  }

  private void part(Document source, Slice slice, String otherwise) {
    if (slice.isEmpty()) {
      text(otherwise);
    } else {
      append(source.bytes(), slice.start(), slice.end() - slice.start());
    }
  }

  private void text(String text) {
    var encoded = text.getBytes(StandardCharsets.UTF_8);
    append(encoded, 0, encoded.length);
  }

  private void append(byte[] source, int from, int length) {
    if (bytes.length - size < length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + length));
    }
    System.arraycopy(source, from, bytes, size, length);
    size += length;
  }
}
