package org.wasmbroker.sandbox.host;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Splits a stream of bytes into lines of a maximum length. Blank lines are dropped. */
final class LineBuffer {
  private final int maxLineBytes;
  private final Lines lines;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private boolean truncated;

  LineBuffer(int maxLineBytes, Lines lines) {
    this.maxLineBytes = maxLineBytes;
    this.lines = lines;
  }

  void append(byte[] bytes) {
    int from = 0;
    for (int at = 0; at < bytes.length; at++) {
      if (bytes[at] == '\n') {
        append(bytes, from, at);
        flush();
        from = at + 1;
      }
    }
    append(bytes, from, bytes.length);
  }

  /** Hands over the unfinished last line, if any. */
  void flush() {
    var whole = withoutCarriageReturn(line.toByteArray());
    boolean wasTruncated = truncated;
    line.reset();
    truncated = false;
    if (whole.length > 0) {
      lines.line(whole, wasTruncated);
    }
  }

  private void append(byte[] bytes, int from, int to) {
    int capacity = maxLineBytes - line.size();
    int count = Math.min(capacity, to - from);
    line.write(bytes, from, count);
    truncated |= count < to - from;
  }

  private static byte[] withoutCarriageReturn(byte[] bytes) {
    int length = bytes.length;
    return length > 0 && bytes[length - 1] == '\r' ? Arrays.copyOf(bytes, length - 1) : bytes;
  }

  /** Receives the lines, without their line breaks. */
  @FunctionalInterface
  interface Lines {
    /**
     * @param truncated whether the line was longer
     */
    void line(byte[] bytes, boolean truncated);
  }
}
