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
 * Composes the document that a guest reads (docs/guest-abi.md). The message's members are copied
 * byte for byte. What this protocol does not have is omitted from {@code step} and {@code task};
 * {@code prev} and {@code checkpoint} are null.
 */
final class StepDocument {
  private static final int FRAME_BYTES = 480;

  private byte[] bytes;
  private int size;

  private StepDocument(int capacity) {
    this.bytes = new byte[capacity];
  }

  static Document of(
      StepMessage message, String name, Attempt attempt, long timeoutMillis, Document source) {
    var document = new StepDocument(source.size() + FRAME_BYTES);
    document.appendStep(message, name, attempt, timeoutMillis);
    document.appendText(",\"task\":{},\"config\":");
    document.appendPart(source, message.config(), "{}");
    document.appendText(",\"context\":");
    document.appendPart(source, message.input(), "{}");
    document.appendText(",\"deps\":");
    document.appendPart(source, message.deps(), "{}");
    document.appendText(",\"prev\":null,\"checkpoint\":null}");
    return Document.of(Arrays.copyOf(document.bytes, document.size));
  }

  private void appendStep(StepMessage message, String name, Attempt attempt, long timeoutMillis) {
    appendText("{\"step\":{\"step_uuid\":\"");
    appendText(message.ids().step().toString());
    appendId("\",\"task_uuid\":\"", message.ids().task());
    appendId("\",\"correlation_id\":\"", message.ids().correlation());
    appendText("\",\"name\":\"");
    appendText(new String(JsonStringEncoder.getInstance().quoteAsCharArray(name)));
    appendText("\",\"handler\":\"");
    appendText(message.handler().name());
    appendText("\",\"attempt\":");
    appendText(Integer.toString(attempt.number()));
    appendText(",\"max_attempts\":");
    appendText(Integer.toString(attempt.max()));
    appendText(",\"deadline_ms\":");
    appendText(Long.toString(timeoutMillis));
    appendText(",\"inputs\":{}}");
  }

  private void appendId(String before, @Nullable UUID id) {
    if (id != null) {
      appendText(before);
      appendText(id.toString());
    }
  }

  private void appendPart(Document source, Slice slice, String otherwise) {
    if (slice.isEmpty()) {
      appendText(otherwise);
    } else {
      append(source.bytes(), slice.start(), slice.end() - slice.start());
    }
  }

  private void appendText(String text) {
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
