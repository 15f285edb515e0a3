package org.wasmbroker.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.OutageLog.Severity;
import org.wasmbroker.testing.CapturedLog;
import org.wasmbroker.testing.ManualTime;

class OutageLogTest {
  private final Exception refused = new Exception("connection refused");
  private final ManualTime time = new ManualTime();
  private final CapturedLog log = CapturedLog.of(OutageLogTest.class, Level.DEBUG);
  private final OutageLog outage =
      new OutageLog(
          LoggerFactory.getLogger(OutageLogTest.class),
          time,
          "the queue cannot be read",
          "the queue can be read again");

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void anOutageIsALineAtItsBeginningAndOneAtItsEnd() {
    outage.succeeded();
    for (int i = 1; i <= 41; i++) {
      assertThat(outage.failed(Severity.TRANSIENT, refused)).isEqualTo(i);
      time.advance(Duration.ofMillis(300));
    }
    outage.succeeded();
    outage.succeeded();

    assertThat(lines())
        .containsExactly(
            "WARN the queue cannot be read; trying again: connection refused",
            "INFO the queue can be read again after 12.3 s, 41 attempts failed");
    assertThat(atInfo()).allSatisfy(line -> assertThat(line.getThrowableProxy()).isNull());
    assertThat(log.events()).as("the attempts in between, at debug").hasSize(2 + 40);
  }

  @Test
  void aWorseReasonIsALineOfItsOwnAndABetterOneIsNot() {
    outage.failed(Severity.TRANSIENT, refused);
    time.advance(Duration.ofSeconds(200));
    outage.failed(Severity.PERMANENT, new Exception("password authentication failed"));
    outage.failed(Severity.TRANSIENT, refused);
    outage.failed(Severity.PERMANENT, new Exception("password authentication failed"));
    time.advance(Duration.ofHours(2));
    outage.succeeded();

    assertThat(lines())
        .containsExactly(
            "WARN the queue cannot be read; trying again: connection refused",
            "ERROR the queue cannot be read since 3 min 20 s: password authentication failed",
            "INFO the queue can be read again after 2 h 3 min, 4 attempts failed");
  }

  @Test
  void anUnexpectedExceptionHasItsStackTraceOnce() {
    for (int i = 0; i < 10; i++) {
      outage.failed(Severity.UNEXPECTED, new IllegalStateException("a fault"));
      outage.failed(Severity.UNEXPECTED, new ArithmeticException("another fault"));
    }

    assertThat(atInfo())
        .extracting(line -> line.getThrowableProxy().getClassName())
        .containsExactly(
            IllegalStateException.class.getName(), ArithmeticException.class.getName());
  }

  @Test
  void theNextOutageIsLoggedLikeTheFirst() {
    outage.failed(Severity.UNEXPECTED, new IllegalStateException("a fault"));
    outage.succeeded();
    outage.failed(Severity.UNEXPECTED, new IllegalStateException("a fault"));
    outage.forget();
    outage.succeeded();

    assertThat(lines())
        .containsExactly(
            "ERROR the queue cannot be read; trying again: a fault",
            "INFO the queue can be read again after 0.0 s, 1 attempt failed",
            "ERROR the queue cannot be read; trying again: a fault");
  }

  @Test
  void aReasonIsOnePrintableLine() {
    outage.failed(Severity.TRANSIENT, new Exception("first\nsecond\u001b[31m"));

    assertThat(lines()).singleElement().asString().doesNotContain("\n", "\u001b");
  }

  private List<ILoggingEvent> atInfo() {
    return log.events().stream()
        .filter(line -> line.getLevel().isGreaterOrEqual(Level.INFO))
        .toList();
  }

  private List<String> lines() {
    return atInfo().stream()
        .map(line -> line.getLevel() + " " + line.getFormattedMessage())
        .toList();
  }
}
