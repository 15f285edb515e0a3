package org.wasmbroker.app;

import org.slf4j.event.Level;

/**
 * How the log is written.
 *
 * @param level the least severe lines of the broker's and its guests' that are written; those of
 *     libraries are from {@code warn}
 */
public record LogConfig(Format format, Level level) {
  public static final LogConfig DEFAULTS = new LogConfig(Format.TEXT, Level.INFO);

  /** What a line looks like. */
  public enum Format {
    /** For people. */
    TEXT,
    /** One JSON object a line, for programs. */
    JSON
  }
}
