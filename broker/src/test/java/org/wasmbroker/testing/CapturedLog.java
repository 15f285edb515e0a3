package org.wasmbroker.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * What is logged while it is open, regardless of the levels that earlier commands in this JVM have
 * set; the levels are restored at the end.
 */
public final class CapturedLog implements AutoCloseable {
  private final Logger logger;
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();
  private final Map<Logger, Level> levels = new HashMap<>();

  private CapturedLog(Logger logger, Level level) {
    this.logger = logger;
    levels.put(logger, logger.getLevel());
    for (var other : ((LoggerContext) LoggerFactory.getILoggerFactory()).getLoggerList()) {
      if (other.getLevel() != null && isBelow(other)) {
        levels.put(other, other.getLevel());
      }
    }
    levels.keySet().forEach(each -> each.setLevel(level));
    appender.start();
    logger.addAppender(appender);
  }

  /** The lines of one class, at this level or above. */
  public static CapturedLog of(Class<?> type, Level level) {
    return of(type.getName(), level);
  }

  /** The lines of a logger and its children, at this level or above. */
  public static CapturedLog of(String name, Level level) {
    return new CapturedLog((Logger) LoggerFactory.getLogger(name), level);
  }

  /** All lines at this level or above. */
  public static CapturedLog ofEverything(Level level) {
    return of(org.slf4j.Logger.ROOT_LOGGER_NAME, level);
  }

  public List<ILoggingEvent> events() {
    synchronized (appender) {
      return List.copyOf(appender.list);
    }
  }

  @Override
  public void close() {
    logger.detachAppender(appender);
    levels.forEach(Logger::setLevel);
  }

  private boolean isBelow(Logger other) {
    return logger.getName().equals(org.slf4j.Logger.ROOT_LOGGER_NAME)
        || other.getName().startsWith(logger.getName() + ".");
  }
}
