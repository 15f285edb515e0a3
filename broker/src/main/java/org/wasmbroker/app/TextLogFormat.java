package org.wasmbroker.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * Log lines for people: time, level, thread, message, key-value pairs, the step that the thread
 * works for. Guests' lines and the audit's have a prefix before the message.
 */
final class TextLogFormat implements Function<ILoggingEvent, String> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());
  private static final Pattern UNQUOTED = Pattern.compile("[^\\s\"=]+");
  private static final String RESET = "\u001b[0m";

  private final boolean colour;

  TextLogFormat(boolean colour) {
    this.colour = colour;
  }

  @Override
  public String apply(ILoggingEvent event) {
    var line = new StringBuilder(200);
    line.append(styled("2", TIME.format(Instant.ofEpochMilli(event.getTimeStamp()))));
    line.append(' ').append(level(event.getLevel()));
    line.append(' ').append(styled("2", "%-12s".formatted(event.getThreadName()))).append(' ');
    switch (event.getLoggerName()) {
      case "guest" -> line.append("guest: ");
      case "audit" -> line.append("audit: ");
      default -> {}
    }
    line.append(event.getFormattedMessage());
    var values = event.getKeyValuePairs();
    if (values != null) {
      values.forEach(value -> line.append(' ').append(keyValue(value)));
    }
    StepFields.forPeople(
        values, (name, value) -> line.append(' ').append(keyValue(new KeyValuePair(name, value))));
    append(line, event.getThrowableProxy());
    return line.toString();
  }

  private String level(Level level) {
    var word = "%-5s".formatted(level);
    return switch (level.toInt()) {
      case Level.ERROR_INT -> styled("1;31", word);
      case Level.WARN_INT -> styled("33", word);
      case Level.INFO_INT -> styled("32", word);
      default -> styled("2", word);
    };
  }

  private String keyValue(KeyValuePair pair) {
    var value = String.valueOf(pair.value);
    var text = UNQUOTED.matcher(value).matches() ? value : quoted(value);
    return styled("36", pair.key + "=") + text;
  }

  private static String quoted(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }

  private static void append(StringBuilder line, @Nullable IThrowableProxy thrown) {
    if (thrown != null) {
      line.append('\n').append(ThrowableProxyUtil.asString(thrown).stripTrailing());
    }
  }

  private String styled(String code, String text) {
    return colour ? "\u001b[" + code + "m" + text + RESET : text;
  }
}
