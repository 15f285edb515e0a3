package org.wasmbroker.app;

import org.slf4j.event.Level;

/**
 * How the log is written.
 *
 * @param level the minimum level of the broker's and its guests' lines; that of libraries is {@code
 *     warn}
 */
public record LogConfig(Format format, Level level) {
  public static final LogConfig DEFAULTS = new LogConfig(Format.TEXT, Level.INFO);

  /** The format of a line. */
  public enum Format {
    /** For people. */
    TEXT,
    /** One JSON object per line, for programs. */
    JSON
  }
}
