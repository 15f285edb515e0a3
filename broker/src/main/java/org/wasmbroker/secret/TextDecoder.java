package org.wasmbroker.secret;

import org.jspecify.annotations.Nullable;

/**
 * Views of a text with something decoded, or with everything but digits left out.
 *
 * <p>Decoding is tolerant: what is not an escape is left unchanged, so that a value is found
 * however few of its characters are encoded, and whatever surrounds it.
 */
final class TextDecoder {
  private TextDecoder() {}

  /**
   * The text with escapes decoded: those of JSON strings and those that programs print ({@code
   * \x41}, <code>&#92;u{41}</code>, {@code \'}). Null if there are none.
   */
  static @Nullable TextView unescaped(TextView text) {
    var bytes = text.bytes();
    int length = text.length();
    if (indexOf(text, '\\') < 0) {
      return null;
    }
    var out = text.writer(length);
    boolean changed = false;
    for (int i = 0; i < length; ) {
      int next = bytes[i] == '\\' ? escape(text, i, out) : 0;
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

  /**
   * Writes the character that is escaped at {@code at}. Returns the end of the escape, or 0 if it
   * is not one.
   */
  private static int escape(TextView text, int at, TextView.Writer out) {
    var bytes = text.bytes();
    int length = text.length();
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
        int value = hex(text, at + 2, 2);
        if (value < 0) {
          yield 0;
        }
        out.put((byte) value, at, at + 4);
        yield at + 4;
      }
      case 'u' -> unicode(text, at, out);
      default -> 0;
    };
  }

  private static int unicode(TextView text, int at, TextView.Writer out) {
    var bytes = text.bytes();
    int length = text.length();
    int codeUnit = hex(text, at + 2, 4);
    if (codeUnit < 0) {
      return unicodeInBraces(text, at, out);
    }
    int end = at + 6;
    if (Character.isHighSurrogate((char) codeUnit)
        && end + 1 < length
        && bytes[end] == '\\'
        && bytes[end + 1] == 'u') {
      int low = hex(text, end + 2, 4);
      if (low >= 0 && Character.isLowSurrogate((char) low)) {
        out.putUtf8(Character.toCodePoint((char) codeUnit, (char) low), at, end + 6);
        return end + 6;
      }
    }
    out.putUtf8(codeUnit, at, end);
    return end;
  }

  private static int unicodeInBraces(TextView text, int at, TextView.Writer out) {
    var bytes = text.bytes();
    int length = text.length();
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
    int codePoint = hex(text, at + 3, close - at - 3);
    if (codePoint > Character.MAX_CODE_POINT) {
      return 0;
    }
    out.putUtf8(codePoint, at, close + 1);
    return close + 1;
  }

  /** The text with percent codes decoded; null if there are none. */
  static @Nullable TextView percentDecoded(TextView text) {
    var bytes = text.bytes();
    int length = text.length();
    if (indexOf(text, '%') < 0) {
      return null;
    }
    var out = text.writer(length);
    boolean changed = false;
    for (int i = 0; i < length; ) {
      int value = bytes[i] == '%' ? hex(text, i + 1, 2) : -1;
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

  /**
   * The text with {@code +} for each space, since it may mean one; null if there is no {@code +}.
   */
  static @Nullable TextView spacesAsPlus(TextView text) {
    var bytes = text.bytes();
    int length = text.length();
    if (indexOf(text, '+') < 0) {
      return null;
    }
    var out = text.writer(length);
    for (int i = 0; i < length; i++) {
      out.put(bytes[i] == ' ' ? (byte) '+' : bytes[i], i, i + 1);
    }
    return out.toView();
  }

  /** Only the hex digits, in lower case, without {@code 0x} prefixes. */
  static TextView hexDigits(TextView text) {
    var bytes = text.bytes();
    int length = text.length();
    var out = text.writer(length);
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

  /** Only the base64 characters, with those of base64url replaced by the standard ones. */
  static TextView base64Digits(TextView text) {
    var bytes = text.bytes();
    int length = text.length();
    var out = text.writer(length);
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

  /** Only the decimal numbers, between commas. */
  static TextView numbers(TextView text) {
    var bytes = text.bytes();
    int length = text.length();
    var out = text.writer(length + 2);
    boolean inNumber = false;
    for (int i = 0; i < length; i++) {
      byte c = bytes[i];
      if (c >= '0' && c <= '9') {
        if (out.isEmpty()) {
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

  private static int indexOf(TextView text, char character) {
    var bytes = text.bytes();
    int length = text.length();
    for (int i = 0; i < length; i++) {
      if (bytes[i] == character) {
        return i;
      }
    }
    return -1;
  }

  /** The value of the hex digits, or -1 if there are not that many. */
  private static int hex(TextView text, int at, int digits) {
    var bytes = text.bytes();
    int length = text.length();
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
}
