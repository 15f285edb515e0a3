package org.wasmbroker.capability;

import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;

/** The name of a secret: 1 to 128 of A-Z, a-z, 0-9, '_', '-' and '.', not beginning with a dot. */
public record SecretName(String text) implements Comparable<SecretName> {
  /**
   * What precedes the name in a placeholder, which ends with {@code }}} and which the host replaces
   * by the value. The injector and the check of redirects to other origins must agree on it.
   */
  public static final String PLACEHOLDER_PREFIX = "{{secret:";

  private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}");

  /**
   * @throws IllegalArgumentException if it is not a valid name; the message says why
   */
  public SecretName {
    if (!SHAPE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "a secret's name has 1 to 128 of A-Z, a-z, 0-9, '_', '-' and '.', and no dot at the"
              + " front, was '"
              + SafeText.sanitize(text, 100)
              + "'");
    }
  }

  @Override
  public int compareTo(SecretName other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
