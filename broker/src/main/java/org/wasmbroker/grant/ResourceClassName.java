package org.wasmbroker.grant;

import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;

/** The name of a resource class, such as {@code text}. */
public record ResourceClassName(String text) {
  private static final Pattern SHAPE = Pattern.compile("[a-z][a-z0-9_-]{0,31}");

  // Declared after the pattern, which its constructor needs.
  public static final ResourceClassName TEXT = new ResourceClassName("text");

  /**
   * @throws IllegalArgumentException if it is not a valid name; the message says why
   */
  public ResourceClassName {
    if (!SHAPE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "a resource class is named by 1 to 32 of a-z, 0-9, '_' and '-', beginning with a letter,"
              + " was '"
              + SafeText.sanitize(text, 60)
              + "'");
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
