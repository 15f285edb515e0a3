package org.wasmbroker.app;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Log lines for programs: one flat JSON object with {@code time}, {@code level}, {@code thread},
 * {@code logger}, {@code message}, the event's key-value pairs, the ids of the step that the thread
 * works for, and {@code error} and {@code stack} if there is an exception. Guests' lines have the
 * logger {@code guest}.
 */
final class JsonLogFormat implements Function<ILoggingEvent, String> {
  private static final JsonFactory JSON = new JsonFactory();
  private static final Set<String> RESERVED =
      Set.of("time", "level", "thread", "logger", "message", "error", "stack");

  @Override
  public String apply(ILoggingEvent event) {
    var line = new StringWriter(256);
    try (var json = JSON.createGenerator(ObjectWriteContext.empty(), line)) {
      json.writeStartObject();
      json.writeStringProperty("time", Instant.ofEpochMilli(event.getTimeStamp()).toString());
      json.writeStringProperty("level", event.getLevel().toString().toLowerCase(Locale.ROOT));
      json.writeStringProperty("thread", event.getThreadName());
      json.writeStringProperty("logger", event.getLoggerName());
      json.writeStringProperty("message", event.getFormattedMessage());
      values(json, event.getKeyValuePairs());
      StepFields.forEach(event.getKeyValuePairs(), (name, value) -> value(json, name, value));
      thrown(json, event.getThrowableProxy());
      json.writeEndObject();
    }
    return line.toString();
  }

  private static void values(JsonGenerator json, @Nullable List<KeyValuePair> pairs) {
    if (pairs == null) {
      return;
    }
    for (var pair : pairs) {
      value(json, RESERVED.contains(pair.key) ? pair.key + "_" : pair.key, pair.value);
    }
  }

  private static void value(JsonGenerator json, String name, @Nullable Object value) {
    json.writeName(name);
    switch (value) {
      case Integer number -> json.writeNumber(number);
      case Long number -> json.writeNumber(number);
      case Double number -> json.writeNumber(number);
      case Boolean truth -> json.writeBoolean(truth);
      case null -> json.writeNull();
      case Object other -> json.writeString(other.toString());
    }
  }

  private static void thrown(JsonGenerator json, @Nullable IThrowableProxy thrown) {
    if (thrown != null) {
      json.writeStringProperty("error", thrown.getClassName() + ": " + thrown.getMessage());
      json.writeStringProperty("stack", ThrowableProxyUtil.asString(thrown));
    }
  }
}
