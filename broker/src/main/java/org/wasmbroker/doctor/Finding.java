package org.wasmbroker.doctor;

import org.jspecify.annotations.Nullable;

/**
 * What one look showed.
 *
 * @param subject what was looked at, in a word or two
 * @param detail what was seen
 * @param remedy what to do about it; null where all is well
 */
public record Finding(Level level, String subject, String detail, @Nullable String remedy) {
  /** How bad it is. */
  public enum Level {
    OK,
    /** The broker works, perhaps not as wished. */
    WARNING,
    /** The broker does not work, or steps fail. */
    FAILED
  }
}
