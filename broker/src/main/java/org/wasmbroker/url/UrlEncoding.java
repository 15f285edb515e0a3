package org.wasmbroker.url;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Locale;

/** The characters of a URL: which are allowed, and the canonical form of those that are. */
public final class UrlEncoding {
  private static final String UNRESERVED = "-._~";
  private static final String PATH_CHARACTERS = UNRESERVED + "!$&'()*+,;=:@/";
  private static final String QUERY_CHARACTERS = PATH_CHARACTERS + "?";

  private UrlEncoding() {}

  /**
   * @throws IllegalArgumentException for a character that parsers of URLs disagree about
   */
  static void requireUnambiguous(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c == 0x7f) {
        throw new IllegalArgumentException("the URL must have no spaces and no control characters");
      }
      if (c == '\\') {
        throw new IllegalArgumentException("the URL must have no backslashes");
      }
      if (isSpaceOrControl(c)) {
        throw new IllegalArgumentException("the URL must have no spaces and no control characters");
      }
      if (Character.isSurrogate(c) && !isPaired(text, i)) {
        throw new IllegalArgumentException("the URL must have no unpaired surrogates");
      }
    }
  }

  private static boolean isSpaceOrControl(char c) {
    return c >= 0x80 && (Character.isISOControl(c) || Character.isSpaceChar(c));
  }

  private static boolean isPaired(String text, int at) {
    return Character.isHighSurrogate(text.charAt(at))
        ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
        : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
  }

  /** A path in its canonical form, without dot segments; a slash if it is empty. */
  static String normalizePath(String input) {
    return removeDotSegments(normalizeCodes(input));
  }

  /**
   * A path whose characters are in their canonical form: unreserved ones as themselves, others that
   * a path cannot contain as percent codes in upper case (RFC 3986, 6.2.2). Dot segments stay.
   */
  static String normalizeCodes(String path) {
    return normalize(path, PATH_CHARACTERS);
  }

  /** Whether a path has only characters that need no encoding, and well-formed percent codes. */
  static boolean isEncodedPath(String path) {
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%' ? !isPercentCode(path, i) : !isAllowed(c, PATH_CHARACTERS)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPercentCode(String path, int at) {
    return at + 2 < path.length()
        && HexFormat.isHexDigit(path.charAt(at + 1))
        && HexFormat.isHexDigit(path.charAt(at + 2));
  }

  static String normalizeQuery(String input) {
    return normalize(input, QUERY_CHARACTERS);
  }

  /** Encodes a name or value of a query: everything but unreserved characters. */
  public static String encode(String value) {
    var encoded = new StringBuilder(value.length());
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      append(encoded, b, UNRESERVED);
    }
    return encoded.toString();
  }

  /** Encodes spaces and what is not ASCII; without tabs. */
  static String encodeLocation(String location) {
    var encoded = new StringBuilder(location.length());
    for (int i = 0; i < location.length(); i++) {
      char c = location.charAt(i);
      if (c == ' ' || (c >= 0x80 && c <= 0xff)) {
        appendCode(encoded, c);
      } else if (c != '\t') {
        encoded.append(c);
      }
    }
    return encoded.toString();
  }

  private static String normalize(String input, String allowed) {
    var normalized = new StringBuilder(input.length());
    for (int i = 0; i < input.length(); ) {
      int point = input.codePointAt(i);
      if (point == '%') {
        byte code = percentByte(input, i);
        append(normalized, code, UNRESERVED);
        i += 3;
      } else {
        for (byte b : Character.toString(point).getBytes(StandardCharsets.UTF_8)) {
          append(normalized, b, allowed);
        }
        i += Character.charCount(point);
      }
    }
    return normalized.toString();
  }

  private static byte percentByte(String input, int percent) {
    if (!isPercentCode(input, percent)) {
      throw new IllegalArgumentException(
          "a '%' in the URL must be followed by two hexadecimal digits");
    }
    return (byte) HexFormat.fromHexDigits(input, percent + 1, percent + 3);
  }

  private static void append(StringBuilder text, byte b, String allowed) {
    char c = (char) (b & 0xff);
    if (isAllowed(c, allowed)) {
      text.append(c);
    } else {
      appendCode(text, c);
    }
  }

  private static void appendCode(StringBuilder text, char c) {
    text.append('%').append(String.format(Locale.ROOT, "%02X", (int) c));
  }

  private static boolean isAllowed(char c, String punctuation) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || punctuation.indexOf(c) >= 0;
  }

  /** RFC 3986, 5.2.4, for a path that begins with a slash. */
  private static String removeDotSegments(String path) {
    var kept = new ArrayList<String>();
    var segments = path.split("/", -1);
    for (int i = 1; i < segments.length; i++) {
      boolean last = i == segments.length - 1;
      switch (segments[i]) {
        case ".." -> {
          if (!kept.isEmpty()) {
            kept.removeLast();
          }
          if (last) {
            kept.add("");
          }
        }
        case "." -> {
          if (last) {
            kept.add("");
          }
        }
        default -> kept.add(segments[i]);
      }
    }
    return "/" + String.join("/", kept);
  }
}
