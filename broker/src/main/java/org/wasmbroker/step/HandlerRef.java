package org.wasmbroker.step;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The handler that a step is for: a name, and optionally which of its releases: a version or the
 * beginning of one ({@code 1.2}), a range ({@code ^1.2}), a digest ({@code sha256:…}) or a channel
 * ({@code stable}); see {@link Selector}.
 *
 * @param selector as written, or null
 */
public record HandlerRef(String name, @Nullable String selector) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?");

  public HandlerRef {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "a handler's name has 1 to 64 of a-z, 0-9, '_' and '-', was '"
              + SafeText.sanitize(name, 100)
              + "'");
    }
    if (selector != null) {
      SelectorSyntax.require(selector);
    }
  }

  /** Reads {@code name} or {@code name@selector}. */
  public static HandlerRef parse(String text) {
    int at = text.indexOf('@');
    return at < 0
        ? new HandlerRef(text, null)
        : new HandlerRef(text.substring(0, at), text.substring(at + 1));
  }

  @Override
  public String toString() {
    return selector == null ? name : name + "@" + selector;
  }
}
