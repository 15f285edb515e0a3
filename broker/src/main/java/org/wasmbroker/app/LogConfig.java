package org.wasmbroker.app;

import org.slf4j.event.Level;

/**
 * How the log is written.
 *
 * @param level the minimum level of the broker's and its guests' lines; that of libraries is {@code
 *     warn}
 * @param burst how many lines of one kind are written in ten seconds; more are counted
 */
public record LogConfig(Format format, Level level, int burst) {
  public static final LogConfig DEFAULTS = new LogConfig(Format.TEXT, Level.INFO, 200);

  public LogConfig {
    if (burst < 1 || burst > 1_000_000) {
      throw new IllegalArgumentException("log.burst must be 1 to 1000000, was " + burst);
    }
  }

  /** The format of a line. */
  public enum Format {
    /** For people. */
    TEXT,
    /** One JSON object per line, for programs. */
    JSON
  }
}
