package org.wasmbroker.recording;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.wasmbroker.step.SafeText;

/**
 * Names of handlers: {@code *} stands for any characters, all else for itself.
 *
 * @param text such as {@code http_*}
 */
public record HandlerPattern(String text) {
  private static final Pattern SHAPE = Pattern.compile("[a-z0-9_*-]{1,64}");

  /**
   * @throws IllegalArgumentException if no name could match; the message says what is allowed
   */
  public HandlerPattern {
    if (!SHAPE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "a pattern of handlers has 1 to 64 of a-z, 0-9, '_', '-' and '*', was '"
              + SafeText.sanitize(text, 80)
              + "'");
    }
  }

  /** As one expression, made once for all steps. */
  static Pattern compile(Iterable<HandlerPattern> patterns) {
    var any = new StringBuilder("(?!)");
    for (var pattern : patterns) {
      any.append('|').append(pattern.expression());
    }
    return Pattern.compile(any.toString());
  }

  private String expression() {
    return Arrays.stream(text.split("\\*+", -1))
        .map(Pattern::quote)
        .collect(Collectors.joining(".*"));
  }

  @Override
  public String toString() {
    return text;
  }
}
