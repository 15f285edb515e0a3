package org.wasmbroker.url;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;

/**
 * The beginning of a URL's path, by whole segments: {@code /v1} means {@code /v1}, {@code /v1/} and
 * {@code /v1/users}, and not {@code /v10}. {@code /} means every path.
 *
 * <p>Servers disagree about what an encoded slash, a dot segment in disguise or a parameter after
 * one means, so a path with such a segment is inside no prefix but {@code /}.
 */
public record PathPrefix(String text) {
  private static final Pattern ALLOWED =
      Pattern.compile("/([A-Za-z0-9._~!$&'()+,;=:@/-]|%[0-9A-Fa-f]{2})*");
  private static final int MAX_LENGTH = 1000;

  public static final PathPrefix ALL = new PathPrefix("/");

  /**
   * @throws IllegalArgumentException if it is no such prefix; the message says why
   */
  public PathPrefix {
    if (text.isEmpty() || text.equals("/")) {
      text = "/";
    } else {
      if (text.length() > MAX_LENGTH || !ALLOWED.matcher(text).matches()) {
        throw invalid(
            text,
            "begins with '/' and has no '*', '?', '#' or unencoded characters; it is a prefix");
      }
      boolean hasEmptySegments = text.contains("//");
      text = normalize(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      if (isAmbiguous(text) || hasEmptySegments) {
        throw invalid(text, "has no empty segments, dot segments, or encoded slashes");
      }
    }
  }

  private static IllegalArgumentException invalid(String text, String rule) {
    return new IllegalArgumentException(
        "a path " + rule + ", was '" + SafeText.sanitize(text, 100) + "'");
  }

  /** Whether the path begins with it. */
  public boolean matches(String path) {
    if (text.equals("/")) {
      return true;
    }
    var normalized = normalize(path);
    return normalized.startsWith(text)
        && (normalized.length() == text.length() || normalized.charAt(text.length()) == '/')
        && !isAmbiguous(normalized);
  }

  /** The paths that both mean; empty if there are none. */
  Optional<PathPrefix> intersect(PathPrefix other) {
    if (other.contains(this)) {
      return Optional.of(this);
    }
    return contains(other) ? Optional.of(other) : Optional.empty();
  }

  private boolean contains(PathPrefix other) {
    return text.equals("/") || other.text.equals(text) || other.text.startsWith(text + "/");
  }

  private static boolean isAmbiguous(String normalized) {
    var lower = normalized.toLowerCase(Locale.ROOT);
    if (lower.contains("%2f") || lower.contains("%5c") || lower.indexOf('\\') >= 0) {
      return true;
    }
    for (var segment : List.of(normalized.split("/", -1))) {
      int parameter = segment.indexOf(';');
      var name = parameter < 0 ? segment : segment.substring(0, parameter);
      if (name.equals(".") || name.equals("..")) {
        return true;
      }
    }
    return false;
  }

  /** With unreserved characters as themselves and upper-case hex digits (RFC 3986, 6.2.2). */
  private static String normalize(String path) {
    if (path.indexOf('%') < 0) {
      return path;
    }
    var normalized = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      int code = c == '%' && i + 2 < path.length() ? decodeHex(path, i + 1) : -1;
      if (code < 0) {
        normalized.append(c);
      } else {
        if (isUnreserved(code)) {
          normalized.append((char) code);
        } else {
          normalized.append(path.substring(i, i + 3).toUpperCase(Locale.ROOT));
        }
        i += 2;
      }
    }
    return normalized.toString();
  }

  private static int decodeHex(String path, int at) {
    int high = Character.digit(path.charAt(at), 16);
    int low = Character.digit(path.charAt(at + 1), 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  private static boolean isUnreserved(int code) {
    return (code >= 'a' && code <= 'z')
        || (code >= 'A' && code <= 'Z')
        || (code >= '0' && code <= '9')
        || "-._~".indexOf(code) >= 0;
  }

  @Override
  public String toString() {
    return text;
  }
}
