package org.wasmbroker.secret;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes as they are, or as they read once something is decoded or left out. Each byte knows which
 * of the bytes at the beginning it comes from, if that was asked for.
 *
 * <p>Decoding is tolerant: what is no escape stays as it is, so that a value is found however few
 * of its characters are encoded, and whatever stands around it.
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

  /** Whose bytes know where they come from. */
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

  /** Where among the first bytes the one at {@code at} begins. */
  int sourceStart(int at) {
    return starts == null ? at : starts[at];
  }

  /** Where among the first bytes the one at {@code at} has ended. */
  int sourceEnd(int at) {
    return ends == null ? at + 1 : ends[at];
  }

  /** Overwrites what was decoded; not the bytes that it began with. */
  void erase() {
    Arrays.fill(bytes, (byte) 0);
  }

  /**
   * With the escapes of JSON's strings, and of those that programs print ({@code \x41}, <code>
   * &#92;u{41}</code>, {@code \'}), as what they stand for; null if there are none.
   */
  @Nullable TextView unescaped() {
    if (indexOf('\\') < 0) {
      return null;
    }
    var out = new Writer(length, starts != null);
    boolean changed = false;
    for (int i = 0; i < length; ) {
      int next = bytes[i] == '\\' ? escape(i, out) : 0;
      if (next == 0) {
        out.put(bytes[i], i, i + 1);
        i++;
      } else {
        changed = true;
        i = next;
      }
    }
    return changed ? out.toView() : null;
  }

  /** Writes what the escape at {@code at} stands for; where it has ended, or 0 if it is none. */
  private int escape(int at, Writer out) {
    if (at + 1 >= length) {
      return 0;
    }
    int simple =
        switch (bytes[at + 1]) {
          case '"', '\\', '/', '\'' -> bytes[at + 1];
          case 'b' -> '\b';
          case 'f' -> '\f';
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          default -> -1;
        };
    if (simple >= 0) {
      out.put((byte) simple, at, at + 2);
      return at + 2;
    }
    return switch (bytes[at + 1]) {
      case 'x' -> {
        int value = hex(at + 2, 2);
        if (value < 0) {
          yield 0;
        }
        out.put((byte) value, at, at + 4);
        yield at + 4;
      }
      case 'u' -> unicode(at, out);
      default -> 0;
    };
  }

  private int unicode(int at, Writer out) {
    int codeUnit = hex(at + 2, 4);
    if (codeUnit < 0) {
      return unicodeInBraces(at, out);
    }
    int end = at + 6;
    if (Character.isHighSurrogate((char) codeUnit)
        && end + 1 < length
        && bytes[end] == '\\'
        && bytes[end + 1] == 'u') {
      int low = hex(end + 2, 4);
      if (low >= 0 && Character.isLowSurrogate((char) low)) {
        out.putUtf8(Character.toCodePoint((char) codeUnit, (char) low), at, end + 6);
        return end + 6;
      }
    }
    out.putUtf8(codeUnit, at, end);
    return end;
  }

  private int unicodeInBraces(int at, Writer out) {
    if (at + 2 >= length || bytes[at + 2] != '{') {
      return 0;
    }
    int close = at + 3;
    while (close < length && close < at + 9 && Character.digit(bytes[close], 16) >= 0) {
      close++;
    }
    if (close == at + 3 || close >= length || bytes[close] != '}') {
      return 0;
    }
    int codePoint = hex(at + 3, close - at - 3);
    if (codePoint > Character.MAX_CODE_POINT) {
      return 0;
    }
    out.putUtf8(codePoint, at, close + 1);
    return close + 1;
  }

  /** With {@code %41} as what it stands for; null if there is none. */
  @Nullable TextView percentDecoded() {
    if (indexOf('%') < 0) {
      return null;
    }
    var out = new Writer(length, starts != null);
    boolean changed = false;
    for (int i = 0; i < length; ) {
      int value = bytes[i] == '%' ? hex(i + 1, 2) : -1;
      if (value < 0) {
        out.put(bytes[i], i, i + 1);
        i++;
      } else {
        out.put((byte) value, i, i + 3);
        changed = true;
        i += 3;
      }
    }
    return changed ? out.toView() : null;
  }

  /** With spaces as {@code +}, which may stand for them; null if there is no {@code +}. */
  @Nullable TextView spacesAsPlus() {
    if (indexOf('+') < 0) {
      return null;
    }
    var out = new Writer(length, starts != null);
    for (int i = 0; i < length; i++) {
      out.put(bytes[i] == ' ' ? (byte) '+' : bytes[i], i, i + 1);
    }
    return out.toView();
  }

  /** The digits of hex alone, in lower case; the prefix {@code 0x} is none. */
  TextView hexDigits() {
    var out = new Writer(length, starts != null);
    for (int i = 0; i < length; i++) {
      byte c = bytes[i];
      if (c == '0' && i + 1 < length && (bytes[i + 1] | 0x20) == 'x') {
        i++;
      } else if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) {
        out.put(c, i, i + 1);
      } else if (c >= 'A' && c <= 'F') {
        out.put((byte) (c + 32), i, i + 1);
      }
    }
    return out.toView();
  }

  /** The characters of base64 alone, those of base64url as the other's. */
  TextView base64Digits() {
    var out = new Writer(length, starts != null);
    for (int i = 0; i < length; i++) {
      byte c = bytes[i];
      if ((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || c == '+'
          || c == '/') {
        out.put(c, i, i + 1);
      } else if (c == '-' || c == '_') {
        out.put((byte) (c == '-' ? '+' : '/'), i, i + 1);
      }
    }
    return out.toView();
  }

  /** The numbers alone, each between commas. */
  TextView numbers() {
    var out = new Writer(length + 2, starts != null);
    boolean inNumber = false;
    for (int i = 0; i < length; i++) {
      byte c = bytes[i];
      if (c >= '0' && c <= '9') {
        if (out.length == 0) {
          out.put((byte) ',', i, i);
        }
        out.put(c, i, i + 1);
        inNumber = true;
      } else if (inNumber) {
        out.put((byte) ',', i, i);
        inNumber = false;
      }
    }
    if (inNumber) {
      out.put((byte) ',', length, length);
    }
    return out.toView();
  }

  private int indexOf(char character) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] == character) {
        return i;
      }
    }
    return -1;
  }

  /** The value of so many digits of hex, or -1. */
  private int hex(int at, int digits) {
    if (at + digits > length) {
      return -1;
    }
    int value = 0;
    for (int i = at; i < at + digits; i++) {
      int digit = Character.digit(bytes[i], 16);
      if (digit < 0) {
        return -1;
      }
      value = value << 4 | digit;
    }
    return value;
  }

  /** Takes the bytes of another reading of these; none of them is longer than what it reads. */
  private final class Writer {
    private final byte[] to;
    private final int @Nullable [] newStarts;
    private final int @Nullable [] newEnds;
    private int length;

    Writer(int capacity, boolean trackOffsets) {
      to = new byte[capacity];
      newStarts = trackOffsets ? new int[capacity] : null;
      newEnds = trackOffsets ? new int[capacity] : null;
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
