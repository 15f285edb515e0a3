package org.wasmbroker.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.logging.LogManager;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Configures the logging of the process, once, before anything is logged: lines go to stderr; the
 * broker and its guests log from the configured level on, libraries from {@code warn} on, including
 * those that log through the JDK.
 */
public final class Logging {
  private static final String BROKER = "org.wasmbroker";
  private static final String GUESTS = "guest";
  private static final String POOL = "com.zaxxer.hikari";

  private static final String OPEN_TELEMETRY = "io.opentelemetry";

  /** Who used which secret: always written, regardless of the level. */
  private static final String AUDIT = "audit";

  private Logging() {}

  /**
   * @param environment the environment variables, for {@code NO_COLOR} and {@code TERM}
   * @param terminal whether stderr is a terminal
   */
  public static void configure(
      LogConfig config, Map<String, String> environment, boolean terminal) {
    ILoggerFactory factory = LoggerFactory.getILoggerFactory();
    if (!(factory instanceof LoggerContext context)) {
      return;
    }
    context.reset();
    var console = new ConsoleAppender<ILoggingEvent>();
    console.setContext(context);
    console.setName("stderr");
    console.setTarget("System.err");
    var storms = new StormFilter(config.burst(), System::nanoTime);
    console.addFilter(storms);
    console.setEncoder(
        encoder(config.format(), terminal && supportsColour(environment), storms::takeSummaries));
    console.start();
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(console);
    var level = Level.convertAnSLF4JLevel(config.level());
    context.getLogger(BROKER).setLevel(level);
    context.getLogger(GUESTS).setLevel(level);
    context.getLogger(AUDIT).setLevel(Level.INFO);
    // Of every connection that breaks it logs a stack trace; what fails then is logged by the
    // broker.
    context.getLogger(POOL).setLevel(Level.ERROR);
    // The broker says itself when traces cannot be exported, once.
    context.getLogger(OPEN_TELEMETRY).setLevel(Level.OFF);
    bridgeJdkLogging();
  }

  static Encoder<ILoggingEvent> encoder(LogConfig.Format format, boolean colour) {
    return encoder(format, colour, List::of);
  }

  private static Encoder<ILoggingEvent> encoder(
      LogConfig.Format format, boolean colour, Supplier<List<ILoggingEvent>> due) {
    return switch (format) {
      case TEXT -> new LineEncoder(new TextLogFormat(colour), due);
      case JSON -> new LineEncoder(new JsonLogFormat(), due);
    };
  }

  static boolean supportsColour(Map<String, String> environment) {
    return environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !"dumb".equals(environment.get("TERM"));
  }

  private static void bridgeJdkLogging() {
    LogManager.getLogManager().reset();
    var root = java.util.logging.Logger.getLogger("");
    root.setLevel(java.util.logging.Level.WARNING);
    root.addHandler(new JdkLogBridge());
  }
}
