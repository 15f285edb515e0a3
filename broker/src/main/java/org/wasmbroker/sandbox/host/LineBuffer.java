package org.wasmbroker.sandbox.host;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Cuts a stream of bytes into lines of at most so many bytes. Blank lines are none. */
final class LineBuffer {
  private final int lineBytes;
  private final Lines lines;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private boolean cut;

  LineBuffer(int lineBytes, Lines lines) {
    this.lineBytes = lineBytes;
    this.lines = lines;
  }

  void append(byte[] bytes) {
    int from = 0;
    for (int at = 0; at < bytes.length; at++) {
      if (bytes[at] == '\n') {
        take(bytes, from, at);
        flush();
        from = at + 1;
      }
    }
    take(bytes, from, bytes.length);
  }

  /** Hands over what there is of the last line. */
  void flush() {
    var whole = withoutReturn(line.toByteArray());
    boolean wasCut = cut;
    line.reset();
    cut = false;
    if (whole.length > 0) {
      lines.line(whole, wasCut);
    }
  }

  private void take(byte[] bytes, int from, int to) {
    int room = lineBytes - line.size();
    int count = Math.min(room, to - from);
    line.write(bytes, from, count);
    cut |= count < to - from;
  }

  private static byte[] withoutReturn(byte[] bytes) {
    int length = bytes.length;
    return length > 0 && bytes[length - 1] == '\r' ? Arrays.copyOf(bytes, length - 1) : bytes;
  }

  /** Takes the lines, without their ends. */
  @FunctionalInterface
  interface Lines {
    /**
     * @param cut whether the line was longer
     */
    void line(byte[] bytes, boolean cut);
  }
}
