package org.wasmbroker.capability;

import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;

/** The name of a secret: 1 to 128 of A-Z, a-z, 0-9, '_', '-' and '.', not beginning with a dot. */
public record SecretName(String text) implements Comparable<SecretName> {
  /**
   * What a guest writes before a name, and {@code }}} after it, where the host is to fill in the
   * value. Who fills in and who decides what may cross to another origin have to agree on it.
   */
  public static final String PLACEHOLDER_PREFIX = "{{secret:";

  private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}");

  /**
   * @throws IllegalArgumentException if it is no name; the message says why
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
