package org.wasmbroker.app;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;

/**
 * Forwards what libraries log through the JDK, such as the Postgres driver, to the broker's log.
 */
final class JdkLogBridge extends Handler {
  private final SimpleFormatter messages = new SimpleFormatter();

  @Override
  public void publish(LogRecord record) {
    var name = record.getLoggerName();
    LoggerFactory.getLogger(name == null ? "jdk" : name)
        .atLevel(level(record.getLevel()))
        .setCause(record.getThrown())
        .log(messages.formatMessage(record));
  }

  private static org.slf4j.event.Level level(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return org.slf4j.event.Level.ERROR;
    }
    return level.intValue() >= Level.WARNING.intValue()
        ? org.slf4j.event.Level.WARN
        : org.slf4j.event.Level.DEBUG;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
