package org.wasmbroker.doctor;

import org.jspecify.annotations.Nullable;

/**
 * The result of one check.
 *
 * @param subject what was checked, in a word or two
 * @param detail what was found
 * @param remedy how to fix it; null if there is nothing to fix
 */
public record Finding(Level level, String subject, String detail, @Nullable String remedy) {
  /** The severity. */
  public enum Level {
    OK,
    /** The broker works, but perhaps not as intended. */
    WARNING,
    /** The broker cannot start, or steps will fail. */
    FAILED
  }
}
