package org.wasmbroker.url;

import java.util.List;
import java.util.Optional;
import org.wasmbroker.step.SafeText;

/**
 * The beginning of a URL's path, by whole segments: {@code /v1} covers {@code /v1}, {@code /v1/}
 * and {@code /v1/users}, and not {@code /v10}. {@code /} covers every path.
 *
 * <p>Servers disagree about what an encoded slash, a dot segment in disguise or a parameter after
 * one means, so a path with such a segment is inside no prefix but {@code /}.
 */
public record PathPrefix(String text) {
  private static final int MAX_LENGTH = 1000;

  public static final PathPrefix ALL = new PathPrefix("/");

  /**
   * @throws IllegalArgumentException if it is not a valid prefix; the message says why
   */
  public PathPrefix {
    text = text.isEmpty() || text.equals("/") ? "/" : normalize(text);
  }

  private static String normalize(String text) {
    if (text.length() > MAX_LENGTH
        || !text.startsWith("/")
        || text.indexOf('*') >= 0
        || !UrlEncoding.isEncodedPath(text)) {
      throw invalid(
          text,
          "must begin with '/' and have no '*', '?', '#' or unencoded characters; it is a prefix");
    }
    var normalized =
        UrlEncoding.normalizeCodes(
            text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    if (isAmbiguous(normalized) || text.contains("//")) {
      throw invalid(text, "must have no empty segments, dot segments, or encoded slashes");
    }
    return normalized;
  }

  private static IllegalArgumentException invalid(String text, String rule) {
    return new IllegalArgumentException(
        "a path " + rule + ", was '" + SafeText.sanitize(text, 100) + "'");
  }

  /** Whether the path begins with it. A path with malformed percent codes does not. */
  public boolean matches(String path) {
    if (text.equals("/")) {
      return true;
    }
    String normalized;
    try {
      normalized = UrlEncoding.normalizeCodes(path);
    } catch (IllegalArgumentException malformed) {
      return false;
    }
    return normalized.startsWith(text)
        && (normalized.length() == text.length() || normalized.charAt(text.length()) == '/')
        && !isAmbiguous(normalized);
  }

  /** The paths that both cover; empty if there are none. */
  Optional<PathPrefix> intersect(PathPrefix other) {
    if (other.contains(this)) {
      return Optional.of(this);
    }
    return contains(other) ? Optional.of(other) : Optional.empty();
  }

  private boolean contains(PathPrefix other) {
    return text.equals("/") || other.text.equals(text) || other.text.startsWith(text + "/");
  }

  /**
   * Whether servers may take the path for another one.
   *
   * @param normalized as {@link UrlEncoding#normalizeCodes} returns it
   */
  static boolean isAmbiguous(String normalized) {
    if (normalized.contains("%2F") || normalized.contains("%5C")) {
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

  @Override
  public String toString() {
    return text;
  }
}
