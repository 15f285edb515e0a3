package org.wasmbroker.step;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The handler that a step is for: a name, and optionally a version such as {@code 1}, {@code 1.2}
 * or {@code 1.2.3} (the newest version with that prefix is used; without one, the newest).
 */
public record HandlerRef(String name, @Nullable String version) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?");
  private static final Pattern VERSION =
      Pattern.compile("(0|[1-9][0-9]{0,8})(\\.(0|[1-9][0-9]{0,8})){0,2}");

  public HandlerRef {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "a handler's name has 1 to 64 of a-z, 0-9, '_' and '-', was '"
              + SafeText.sanitize(name, 100)
              + "'");
    }
    if (version != null && !VERSION.matcher(version).matches()) {
      throw new IllegalArgumentException(
          "a handler's version is like 1, 1.2 or 1.2.3, was '"
              + SafeText.sanitize(version, 100)
              + "'");
    }
  }

  /** Reads {@code name} or {@code name@version}. */
  public static HandlerRef parse(String text) {
    int at = text.indexOf('@');
    return at < 0
        ? new HandlerRef(text, null)
        : new HandlerRef(text.substring(0, at), text.substring(at + 1));
  }

  @Override
  public String toString() {
    return version == null ? name : name + "@" + version;
  }
}
