package org.wasmbroker.sandbox;

import org.jspecify.annotations.Nullable;

/**
 * Receives the log lines of one run, on the run's thread. Lines are truncated to their limit and
 * free of control characters.
 */
@FunctionalInterface
public interface GuestLog {
  /** Discards every line. */
  GuestLog NONE = (level, message, fields) -> {};

  /**
   * @param fields a JSON object as the guest wrote it, or null
   */
  void line(Level level, String message, @Nullable String fields);

  /** In the order of the ABI's level numbers, 0 to 4. */
  enum Level {
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR
  }
}
