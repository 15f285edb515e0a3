package org.wasmbroker.document;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A stream's lines, one document each; blank ones are none. Of a line that is too long nothing is
 * kept, and the next one is read. Used by one thread.
 */
public final class BoundedLines {
  private static final int BUFFER = 1 << 16;

  private final InputStream in;
  private final int maxBytes;
  private final byte[] buffer = new byte[BUFFER];
  private int at;
  private int end;

  /** One line, without its line break. */
  public static final class Line {
    private final byte[] bytes;
    private final boolean tooLong;

    private Line(byte[] bytes, boolean tooLong) {
      this.bytes = bytes;
      this.tooLong = tooLong;
    }

    /** Its bytes; none if it is too long. */
    public byte[] bytes() {
      return bytes;
    }

    public boolean isTooLong() {
      return tooLong;
    }

    private boolean isBlank() {
      for (byte each : bytes) {
        if (each != ' ' && each != '\t' && each != '\r') {
          return false;
        }
      }
      return !tooLong;
    }
  }

  /**
   * @param maxBytes of a line
   */
  public BoundedLines(InputStream in, int maxBytes) {
    this.in = in;
    this.maxBytes = maxBytes;
  }

  /** The next line that is not blank; null at the end. */
  public @Nullable Line next() throws IOException {
    Line line;
    do {
      if (at == end && !fill()) {
        return null;
      }
      line = read();
    } while (line.isBlank());
    return line;
  }

  private Line read() throws IOException {
    var line = new ByteArrayOutputStream();
    boolean tooLong = false;
    do {
      int from = at;
      while (at < end && buffer[at] != '\n') {
        at++;
      }
      int count = at - from;
      if (tooLong || line.size() + count > maxBytes) {
        tooLong = true;
        line.reset();
      } else {
        line.write(buffer, from, count);
      }
      if (at < end) {
        at++; // the line break
        break;
      }
    } while (fill());
    return new Line(line.toByteArray(), tooLong);
  }

  private boolean fill() throws IOException {
    at = 0;
    end = Math.max(0, in.read(buffer));
    return end > 0;
  }
}
