package org.wasmbroker.step;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The module that an earlier attempt of a step ran, and that the step keeps.
 *
 * @param module the handler with that digest
 * @param version under which it ran
 * @param continued whether the step continues from a checkpoint, which only that version
 *     understands for certain
 */
public record ModulePin(HandlerRef module, Version version, boolean continued) {
  private static final Pattern TEXT =
      Pattern.compile("([a-z0-9_-]{1,64})@([0-9A-Za-z.-]{1,128}) (sha256:([0-9a-f]{64}))");

  public static ModulePin of(ModuleId id, boolean continued) {
    return new ModulePin(
        new HandlerRef(id.handler(), Selector.DIGEST + id.digest()),
        Version.parse(id.version()),
        continued);
  }

  /** Of a text that others can write: null if it is not what {@link #text} returns. */
  public static @Nullable ModulePin parse(@Nullable String text, boolean continued) {
    var parts = text == null ? null : TEXT.matcher(text);
    if (parts == null || !parts.matches()) {
      return null;
    }
    try {
      var version = Version.parse(parts.group(2));
      return new ModulePin(new HandlerRef(parts.group(1), parts.group(3)), version, continued);
    } catch (IllegalArgumentException notOurs) {
      return null;
    }
  }

  /** Where a protocol keeps it until the next attempt: {@code transform@1.3.0 sha256:…}. */
  public static String text(ModuleId id) {
    return "%s@%s %s%s".formatted(id.handler(), id.version(), Selector.DIGEST, id.digest());
  }

  /** The same text. */
  public String text() {
    return "%s@%s %s".formatted(module.name(), version, module.selector());
  }
}
