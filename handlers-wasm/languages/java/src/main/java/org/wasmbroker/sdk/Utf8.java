package org.wasmbroker.sdk;

import java.util.Arrays;

/** Text as bytes, and back: a fraction of what the charsets of TeaVM's class library cost. */
final class Utf8 {
  private static final char REPLACEMENT = '\ufffd';
  private static final int[] LEAST = {0, 0x80, 0x800, 0x10000};

  private Utf8() {}

  /** A buffer that grows. */
  static final class Buffer {
    private byte[] bytes = new byte[256];
    private int length;

    Buffer add(byte[] from, int begin, int end) {
      reserve(end - begin);
      System.arraycopy(from, begin, bytes, length, end - begin);
      length += end - begin;
      return this;
    }

    Buffer add(int value) {
      reserve(1);
      bytes[length++] = (byte) value;
      return this;
    }

    Buffer add(String text) {
      var encoded = encode(text);
      return add(encoded, 0, encoded.length);
    }

    private void addCodePoint(int code) {
      if (code < 0x80) {
        add(code);
      } else if (code < 0x800) {
        add(0xc0 | code >> 6).add(0x80 | code & 0x3f);
      } else if (code < 0x10000) {
        add(0xe0 | code >> 12).add(0x80 | code >> 6 & 0x3f).add(0x80 | code & 0x3f);
      } else {
        add(0xf0 | code >> 18).add(0x80 | code >> 12 & 0x3f);
        add(0x80 | code >> 6 & 0x3f).add(0x80 | code & 0x3f);
      }
    }

    private void reserve(int more) {
      if (length + more > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
      }
    }

    /** Not a copy, and with room at the end. */
    byte[] bytes() {
      return bytes;
    }

    int length() {
      return length;
    }
  }

  static byte[] encode(String text) {
    var length = text.length();
    var bytes = new byte[length];
    for (var i = 0; i < length; i++) {
      var character = text.charAt(i);
      if (character >= 0x80) {
        return encodeBeyondAscii(text);
      }
      bytes[i] = (byte) character;
    }
    return bytes;
  }

  private static byte[] encodeBeyondAscii(String text) {
    var buffer = new Buffer();
    for (var i = 0; i < text.length(); i++) {
      var code = text.codePointAt(i);
      if (code >= 0x10000) {
        i++;
      }
      buffer.addCodePoint(isSurrogate(code) ? REPLACEMENT : code);
    }
    return Arrays.copyOf(buffer.bytes, buffer.length);
  }

  /** Half of a pair, which has no encoding of its own. */
  static boolean isSurrogate(int code) {
    return code >= 0xd800 && code < 0xe000;
  }

  static String decode(byte[] bytes) {
    return decode(bytes, 0, bytes.length);
  }

  /** Bytes that are no UTF-8 become U+FFFD. */
  static String decode(byte[] bytes, int from, int to) {
    var characters = new char[to - from]; // never more than bytes
    var length = 0;
    for (var i = from; i < to; ) {
      var first = bytes[i++] & 0xff;
      if (first < 0x80) {
        characters[length++] = (char) first;
        continue;
      }
      var more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
      var code = first & 0x3f >> more;
      var missing = more;
      while (missing > 0 && i < to && (bytes[i] & 0xc0) == 0x80) {
        code = code << 6 | bytes[i++] & 0x3f;
        missing--;
      }
      var valid = first >= 0xc0 && first < 0xf8 && missing == 0 && code >= LEAST[more];
      if (!valid || isSurrogate(code) || code > 0x10ffff) {
        characters[length++] = REPLACEMENT;
      } else if (code < 0x10000) {
        characters[length++] = (char) code;
      } else {
        characters[length++] = Character.highSurrogate(code);
        characters[length++] = Character.lowSurrogate(code);
      }
    }
    return new String(characters, 0, length);
  }
}
