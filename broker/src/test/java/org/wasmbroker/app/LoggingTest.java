package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;
import org.wasmbroker.app.LogConfig.Format;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.CurrentStep;
import org.wasmbroker.testing.Outcomes;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LoggingTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123Z");

  private final LoggerContext context = new LoggerContext();

  @Test
  void aTextLineHasLevelThreadMessageAndValues() {
    var event = event("org.wasmbroker.app.Broker", Level.INFO, "module loaded", null);
    event.addKeyValuePair(new KeyValuePair("handler", "transform"));
    event.addKeyValuePair(new KeyValuePair("bytes", 1234));

    assertThat(text(event))
        .endsWith(" INFO  run-1        module loaded handler=transform bytes=1234\n");
  }

  @Test
  void valuesWithBlanksAreQuotedOnOneLine() {
    var event = event("org.wasmbroker.app.Broker", Level.WARN, "refused", null);
    event.addKeyValuePair(new KeyValuePair("reason", "line one\nsays \"no\""));

    assertThat(text(event)).endsWith("refused reason=\"line one\\nsays \\\"no\\\"\"\n");
  }

  @Test
  void guestLinesAreMarked() {
    assertThat(text(event("guest", Level.INFO, "all is well", null)))
        .contains(" guest: all is well");
  }

  @Test
  void colourIsUsedOnTerminalsOnly() {
    var event = event("org.wasmbroker.app.Broker", Level.ERROR, "gone", null);

    assertThat(encoded(Format.TEXT, true, event)).contains("\u001b[1;31mERROR");
    assertThat(encoded(Format.TEXT, false, event)).doesNotContain("\u001b");
  }

  @Test
  void noColorAndDumbTerminalsAreRespected() {
    assertThat(Logging.supportsColour(Map.of("TERM", "xterm"))).isTrue();
    assertThat(Logging.supportsColour(Map.of("TERM", "xterm", "NO_COLOR", ""))).isTrue();
    assertThat(Logging.supportsColour(Map.of("TERM", "xterm", "NO_COLOR", "1"))).isFalse();
    assertThat(Logging.supportsColour(Map.of("TERM", "dumb"))).isFalse();
  }

  @Test
  void aJsonLineIsOneFlatObject() {
    var event = event("org.wasmbroker.app.Broker", Level.INFO, "module \"x\"\nloaded", null);
    event.addKeyValuePair(new KeyValuePair("handler", "transform"));
    event.addKeyValuePair(new KeyValuePair("bytes", 1234));

    var line = encoded(Format.JSON, false, event);
    var json = json(line);

    assertThat(line).endsWith("}\n").hasLineCount(1);
    assertThat(json.get("time").asString()).isEqualTo("2026-01-01T12:00:00.123Z");
    assertThat(json.get("level").asString()).isEqualTo("info");
    assertThat(json.get("thread").asString()).isEqualTo("run-1");
    assertThat(json.get("logger").asString()).isEqualTo("org.wasmbroker.app.Broker");
    assertThat(json.get("message").asString()).isEqualTo("module \"x\"\nloaded");
    assertThat(json.get("handler").asString()).isEqualTo("transform");
    assertThat(json.get("bytes").asInt()).isEqualTo(1234);
  }

  @Test
  void aValueCannotOverrideAStandardField() {
    var event = event("guest", Level.INFO, "mine", null);
    event.addKeyValuePair(new KeyValuePair("message", "forged"));

    var json = json(encoded(Format.JSON, false, event));

    assertThat(json.get("message").asString()).isEqualTo("mine");
    assertThat(json.get("message_").asString()).isEqualTo("forged");
  }

  @Test
  void exceptionsAreIncluded() {
    var thrown = new IllegalStateException("closed");
    var event = event("org.wasmbroker.app.Broker", Level.ERROR, "failed", thrown);

    var json = json(encoded(Format.JSON, false, event));

    assertThat(json.get("error").asString()).isEqualTo("java.lang.IllegalStateException: closed");
    assertThat(json.get("stack").asString()).contains("LoggingTest");
    assertThat(text(event)).contains("\njava.lang.IllegalStateException: closed\n");
  }

  @Test
  void everyLineOfAStepsThreadTellsOfTheStep() {
    var trace = TraceContext.read("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", null);
    var step = Outcomes.step(new StepId(new UUID(0, 7)), "transform", trace);
    var event = event("org.postgresql.Driver", Level.WARN, "slow", null);
    event.addKeyValuePair(new KeyValuePair("handler", "mine"));
    CurrentStep.enter(step);
    try {
      var json = json(encoded(Format.JSON, false, event));
      assertThat(json.get("step").asString()).isEqualTo(step.id().toString());
      assertThat(json.get("handler").asString()).isEqualTo("mine");
      assertThat(json.get("attempt").asInt()).isEqualTo(1);
      assertThat(json.get("trace_id").asString()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
      assertThat(json.get("span_id").asString()).isEqualTo("00f067aa0ba902b7");
      assertThat(json.has("task")).isFalse();
      assertThat(text(event))
          .contains("slow handler=mine step=" + step.id() + " trace_id=4bf92f3577b34da6");
    } finally {
      CurrentStep.leave();
    }
    assertThat(json(encoded(Format.JSON, false, event)).has("step")).isFalse();
  }

  private LoggingEvent event(
      String logger, Level level, String message, @Nullable Throwable thrown) {
    var event = new LoggingEvent("caller", context.getLogger(logger), level, message, thrown, null);
    event.setInstant(NOON);
    event.setThreadName("run-1");
    return event;
  }

  private static String text(LoggingEvent event) {
    return encoded(Format.TEXT, false, event);
  }

  private static String encoded(Format format, boolean colour, LoggingEvent event) {
    return new String(Logging.encoder(format, colour).encode(event), StandardCharsets.UTF_8);
  }

  private static JsonNode json(String line) {
    return JsonMapper.shared().readTree(line);
  }
}
