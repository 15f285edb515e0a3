package org.wasmbroker.rollout;

import org.wasmbroker.step.SafeText;

/**
 * A pattern for the whole of a text: {@code *} stands for any characters, all else for itself.
 * Matching takes time in proportion to the product of both lengths at worst, and allocates nothing.
 */
record Glob(String pattern) {
  private static final int MAX_LENGTH = 200;

  Glob {
    if (pattern.isEmpty() || pattern.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "a pattern has 1 to %d characters, was '%s'"
              .formatted(MAX_LENGTH, SafeText.sanitize(pattern, 40)));
    }
  }

  boolean matches(String text) {
    int at = 0;
    int in = 0;
    int star = -1; // the latest '*'
    int resume = 0; // where the text after it began
    while (at < text.length()) {
      if (in < pattern.length() && pattern.charAt(in) == '*') {
        star = in++;
        resume = at;
      } else if (in < pattern.length() && pattern.charAt(in) == text.charAt(at)) {
        in++;
        at++;
      } else if (star >= 0) {
        in = star + 1;
        at = ++resume;
      } else {
        return false;
      }
    }
    while (in < pattern.length() && pattern.charAt(in) == '*') {
      in++;
    }
    return in == pattern.length();
  }

  @Override
  public String toString() {
    return pattern;
  }
}
