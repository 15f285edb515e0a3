package org.wasmbroker.secret;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a text, or of the text with something decoded or left out. On request, each byte
 * knows its offsets in the original text.
 */
final class TextView {
  private final byte[] bytes;
  private final int length;
  private final int @Nullable [] starts;
  private final int @Nullable [] ends;

  private TextView(byte[] bytes, int length, int @Nullable [] starts, int @Nullable [] ends) {
    this.bytes = bytes;
    this.length = length;
    this.starts = starts;
    this.ends = ends;
  }

  static TextView of(byte[] bytes) {
    return new TextView(bytes, bytes.length, null, null);
  }

  /** A view that tracks offsets in the original text. */
  static TextView withOffsets(byte[] bytes) {
    var starts = new int[bytes.length];
    var ends = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      starts[i] = i;
      ends[i] = i + 1;
    }
    return new TextView(bytes, bytes.length, starts, ends);
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** The offset in the original text where the byte at {@code at} begins. */
  int sourceStart(int at) {
    return starts == null ? at : starts[at];
  }

  /** The offset in the original text where the byte at {@code at} ends. */
  int sourceEnd(int at) {
    return ends == null ? at + 1 : ends[at];
  }

  /** Overwrites the bytes of this view. */
  void erase() {
    Arrays.fill(bytes, (byte) 0);
  }

  /** A writer of another view of this text. */
  Writer writer(int capacity) {
    return new Writer(capacity);
  }

  /**
   * Collects the bytes of another view. {@code from} and {@code until} are the offsets in this view
   * that a byte was decoded from.
   */
  final class Writer {
    private final byte[] to;
    private final int @Nullable [] newStarts;
    private final int @Nullable [] newEnds;
    private int length;

    private Writer(int capacity) {
      to = new byte[capacity];
      newStarts = starts == null ? null : new int[capacity];
      newEnds = ends == null ? null : new int[capacity];
    }

    boolean isEmpty() {
      return length == 0;
    }

    void put(byte value, int from, int until) {
      to[length] = value;
      if (newStarts != null && newEnds != null) {
        newStarts[length] = from < TextView.this.length ? sourceStart(from) : sourceEnd(from - 1);
        newEnds[length] = until > from ? sourceEnd(until - 1) : newStarts[length];
      }
      length++;
    }

    void putUtf8(int codePoint, int from, int until) {
      if (codePoint < 0x80) {
        put((byte) codePoint, from, until);
      } else if (codePoint < 0x800) {
        put((byte) (0xC0 | codePoint >> 6), from, until);
        put(continuation(codePoint), from, until);
      } else if (codePoint < 0x10000) {
        put((byte) (0xE0 | codePoint >> 12), from, until);
        put(continuation(codePoint >> 6), from, until);
        put(continuation(codePoint), from, until);
      } else {
        put((byte) (0xF0 | codePoint >> 18), from, until);
        put(continuation(codePoint >> 12), from, until);
        put(continuation(codePoint >> 6), from, until);
        put(continuation(codePoint), from, until);
      }
    }

    private static byte continuation(int bits) {
      return (byte) (0x80 | (bits & 0x3F));
    }

    TextView toView() {
      return new TextView(to, length, newStarts, newEnds);
    }
  }
}
