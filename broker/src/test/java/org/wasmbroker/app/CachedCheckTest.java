package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.step.TimeSource;

class CachedCheckTest {
  private static final CachedCheck.Limits LIMITS =
      new CachedCheck.Limits(Duration.ofMillis(20), Duration.ofMillis(500));

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger probes = new AtomicInteger();
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
  void aResultIsCachedForAMoment() throws InterruptedException {
    var check = new CachedCheck(counting(), LIMITS, time, Runnable::run);

    assertThat(check.result().detail()).isEqualTo("probe 1");
    assertThat(check.result().detail()).isEqualTo("probe 1");

    nanos.addAndGet(Duration.ofMillis(500).toNanos());
    assertThat(check.result().detail()).isEqualTo("probe 2");
  }

  @Test
  void aHangingProbeIsNotStartedAgain() throws InterruptedException {
    List<Runnable> started = new ArrayList<>();
    var check = new CachedCheck(counting(), LIMITS, time, started::add);

    assertThat(check.result()).isEqualTo(Result.failing("no response within 20 ms"));
    nanos.addAndGet(Duration.ofHours(1).toNanos());
    assertThat(check.result().ok()).isFalse();

    assertThat(started).hasSize(1);
  }

  @Test
  void aProbeThatThrowsFailsWithItsMessage() throws InterruptedException {
    var throwing =
        new HealthCheck(
            "database",
            () -> {
              throw new IllegalStateException("the pool is closed");
            });
    var check = new CachedCheck(throwing, LIMITS, time, Runnable::run);

    assertThat(check.result()).isEqualTo(Result.failing("the pool is closed"));
  }

  private HealthCheck counting() {
    return new HealthCheck("database", () -> Result.ok("probe " + probes.incrementAndGet()));
  }
}
