package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.wasmbroker.app.HealthCheck.Finding;
import org.wasmbroker.step.TimeSource;

class WatchedCheckTest {
  private static final WatchedCheck.Limits LIMITS =
      new WatchedCheck.Limits(Duration.ofMillis(20), Duration.ofMillis(500));

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger looks = new AtomicInteger();
  private final TimeSource time =
      new TimeSource() {
        @Override
        public Instant now() {
          return Instant.EPOCH.plusNanos(nanos.get());
        }

        @Override
        public long nanos() {
          return nanos.get();
        }
      };

  @Test
  void aFindingStandsForAMoment() throws InterruptedException {
    var check = new WatchedCheck(counting(), LIMITS, time, Runnable::run);

    assertThat(check.finding().detail()).isEqualTo("look 1");
    assertThat(check.finding().detail()).isEqualTo("look 1");

    nanos.addAndGet(Duration.ofMillis(500).toNanos());
    assertThat(check.finding().detail()).isEqualTo("look 2");
  }

  @Test
  void aLookThatDoesNotEndIsNotStartedAgain() throws InterruptedException {
    List<Runnable> started = new ArrayList<>();
    var check = new WatchedCheck(counting(), LIMITS, time, started::add);

    assertThat(check.finding()).isEqualTo(Finding.failing("no answer within 20 ms"));
    nanos.addAndGet(Duration.ofHours(1).toNanos());
    assertThat(check.finding().ok()).isFalse();

    assertThat(started).hasSize(1);
  }

  @Test
  void aLookThatThrowsIsFailingWithItsMessage() throws InterruptedException {
    var throwing =
        new HealthCheck(
            "database",
            () -> {
              throw new IllegalStateException("the pool is closed");
            });
    var check = new WatchedCheck(throwing, LIMITS, time, Runnable::run);

    assertThat(check.finding()).isEqualTo(Finding.failing("the pool is closed"));
  }

  private HealthCheck counting() {
    return new HealthCheck("database", () -> Finding.ok("look " + looks.incrementAndGet()));
  }
}
