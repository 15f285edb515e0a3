package org.wasmbroker.sandbox;

import org.jspecify.annotations.Nullable;

/**
 * Receives the log lines of one run, on the run's thread, and when it came so far. Lines are
 * truncated to their limit and free of control characters.
 */
@FunctionalInterface
public interface GuestLog {
  /** Discards every line. */
  GuestLog NONE = (level, message, fields) -> {};

  /**
   * @param fields a JSON object as the guest wrote it, or null
   */
  void line(Level level, String message, @Nullable String fields);

  /** The guest's instance is ready; what follows is its execution. */
  default void instantiated() {}

  /**
   * Where the lines of {@code prepare} go, which are not part of the run: another run of the same
   * step may not prepare itself.
   */
  default GuestLog preparation() {
    return this;
  }

  /** In the order of the ABI's level numbers, 0 to 4. */
  enum Level {
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR
  }
}
