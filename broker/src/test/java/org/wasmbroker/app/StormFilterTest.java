package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Instant;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class StormFilterTest {
  private long now;
  private final StormFilter filter = new StormFilter(10, () -> now);

  @Test
  void aStormOfFailedStepsIsABoundedNumberOfLinesAndTheRestIsCounted() {
    assertThat(written(10_000, "a step failed: {}", "transform")).isEqualTo(10);
    assertThat(filter.takeSummaries()).isEmpty();

    now += StormFilter.PERIOD.toNanos();
    assertThat(written(1, "something else", null)).isEqualTo(1);

    assertThat(filter.takeSummaries())
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.getMessage()).contains("storm");
              assertThat(line.getKeyValuePairs())
                  .extracting(KeyValuePair::toString)
                  .contains(
                      "lines=\"9990\"", "like=\"a step failed: {}\"", "handler=\"transform\"");
            });
    assertThat(filter.takeSummaries()).as("told once").isEmpty();
    assertThat(written(100, "a step failed: {}", "transform")).isEqualTo(10);
  }

  @Test
  void oneHandlersStormTakesNoLinesFromAnother() {
    assertThat(written(1000, "{}", "noisy")).isEqualTo(10);
    assertThat(written(10, "{}", "quiet")).isEqualTo(10);
  }

  @Test
  void manyNamesAreOneKindTogether() {
    long written =
        IntStream.range(0, 50_000).mapToLong(i -> written(1, "{}", "handler-" + i)).sum();
    assertThat(written).isEqualTo(1000 + 10);
  }

  @Test
  void whoeverSendsManyNamesHidesNoLineOfAnotherPlace() {
    IntStream.range(0, 50_000).forEach(i -> written(1, "a step failed: {}", "handler-" + i));

    assertThat(written(1, "a queue was dropped", null)).isEqualTo(1);
    assertThat(written(1, "a rollout was rolled back", "transform")).isEqualTo(1);
  }

  @Test
  void howeverManyKindsThereAreTheyAreBounded() {
    long written = IntStream.range(0, 50_000).mapToLong(i -> written(1, "line " + i, null)).sum();
    assertThat(written).isEqualTo(2 * 1000 + 10);
  }

  @Test
  void theAuditIsNeverCut() {
    var line = line("secret used", null);
    line.setLoggerName("audit");
    assertThat(IntStream.range(0, 1000).mapToObj(_ -> filter.decide(line)))
        .containsOnly(FilterReply.NEUTRAL);
  }

  private long written(int lines, String template, @Nullable String handler) {
    return IntStream.range(0, lines)
        .filter(_ -> filter.decide(line(template, handler)) != FilterReply.DENY)
        .count();
  }

  private static LoggingEvent line(String template, @Nullable String handler) {
    var event = new LoggingEvent();
    event.setLoggerName("org.wasmbroker.telemetry.FailureLog");
    event.setLevel(Level.WARN);
    event.setThreadName("guest-1");
    event.setInstant(Instant.EPOCH);
    event.setMessage(template);
    if (handler != null) {
      event.addKeyValuePair(new KeyValuePair("handler", handler));
    }
    return event;
  }
}
