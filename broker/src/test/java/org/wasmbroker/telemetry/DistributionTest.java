package org.wasmbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DistributionTest {
  @Test
  void nothingRecordedIsZero() {
    assertThat(new Distribution().percentiles())
        .isEqualTo(new Percentiles(0, Duration.ZERO, Duration.ZERO, Duration.ZERO));
  }

  @Test
  void percentilesAreRightToWithinTwoPercent() {
    var distribution = new Distribution();
    for (int micros = 1; micros <= 10_000; micros++) {
      distribution.record(Duration.ofNanos(micros * 1_000L));
    }

    var found = distribution.percentiles();

    assertThat(found.count()).isEqualTo(10_000);
    assertThat(found.median().toNanos()).isCloseTo(5_000_000L, withPercentage(1.6));
    assertThat(found.p99().toNanos()).isCloseTo(9_900_000L, withPercentage(1.6));
    assertThat(found.max().toNanos()).isCloseTo(10_000_000L, withPercentage(1.6));
  }

  @Test
  void aValueRecordedManyTimesWeighsAsMuch() {
    var distribution = new Distribution();
    distribution.record(Duration.ofNanos(10), 99);
    distribution.record(Duration.ofNanos(100), 1);

    var found = distribution.percentiles();

    assertThat(found.p99()).isEqualTo(Duration.ofNanos(10));
    assertThat(found.max()).isEqualTo(Duration.ofNanos(100));
  }

  @Test
  void aClockThatWentBackCountsAsZero() {
    var distribution = new Distribution();
    distribution.record(Duration.ofMillis(-5));

    assertThat(distribution.percentiles().max()).isEqualTo(Duration.ZERO);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {0, 1, 127, 128, 129, 255, 256, 1_000, 123_456_789, 1L << 40, Long.MAX_VALUE})
  void aValueAndItsBucketDifferByOneInSixtyFourAtMost(long nanos) {
    long standsFor = Distribution.middle(Distribution.bucket(nanos));

    assertThat(Math.abs(standsFor - nanos)).isLessThanOrEqualTo(nanos / 64);
  }

  @Test
  void bucketsFollowOneAnotherWithoutGaps() {
    for (long nanos = 0; nanos < 100_000; nanos++) {
      assertThat(Distribution.bucket(nanos + 1) - Distribution.bucket(nanos)).isBetween(0, 1);
    }
  }
}
