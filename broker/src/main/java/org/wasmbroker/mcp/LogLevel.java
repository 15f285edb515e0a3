package org.wasmbroker.mcp;

import java.util.Arrays;
import java.util.Optional;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.step.WireName;

/** The severities of the protocol's log messages, the least first. */
enum LogLevel {
  DEBUG,
  INFO,
  NOTICE,
  WARNING,
  ERROR,
  CRITICAL,
  ALERT,
  EMERGENCY;

  static Optional<LogLevel> parse(String text) {
    return Arrays.stream(values()).filter(level -> level.text().equals(text)).findFirst();
  }

  static LogLevel of(GuestLog.Level level) {
    return switch (level) {
      case TRACE, DEBUG -> DEBUG;
      case INFO -> INFO;
      case WARN -> WARNING;
      case ERROR -> ERROR;
    };
  }

  String text() {
    return WireName.of(this);
  }
}
