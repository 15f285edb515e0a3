package org.wasmbroker.sdk;

/** Log lines of the step. One that the broker drops, since there are too many, is dropped. */
public final class Log {
  /** How important a line is. */
  public enum Level {
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR
  }

  private Log() {}

  public static void info(String message) {
    write(Level.INFO, message);
  }

  public static void warn(String message) {
    write(Level.WARN, message);
  }

  public static void write(Level level, String message) {
    Host.log(level, message, "");
  }

  /**
   * @param fields an object, or null for none
   */
  public static void write(Level level, String message, Json fields) {
    Host.log(level, message, fields.isNull() ? "" : fields.toString());
  }
}
