package org.wasmbroker.grant.trust;

import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;

/** Names of handlers: a name, or one with stars, each of which stands for any characters. */
public record HandlerPattern(String text) {
  private static final Pattern SHAPE = Pattern.compile("[a-z0-9_*-]{1,64}");

  static final HandlerPattern ALL = new HandlerPattern("*");

  public HandlerPattern {
    if (!SHAPE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "must be a handler's name, in which * stands for any characters, was '%s'"
              .formatted(SafeText.sanitize(text, 100)));
    }
  }

  /** In time that is the product of both lengths, whatever the pattern is. */
  public boolean matches(String handler) {
    int at = 0;
    int pattern = 0;
    int star = -1;
    int afterStar = 0;
    while (at < handler.length()) {
      if (pattern < text.length() && text.charAt(pattern) == '*') {
        star = pattern++;
        afterStar = at;
      } else if (pattern < text.length() && text.charAt(pattern) == handler.charAt(at)) {
        pattern++;
        at++;
      } else if (star >= 0) {
        pattern = star + 1;
        at = ++afterStar;
      } else {
        return false;
      }
    }
    return text.substring(pattern).chars().allMatch(c -> c == '*');
  }

  @Override
  public String toString() {
    return text;
  }
}
