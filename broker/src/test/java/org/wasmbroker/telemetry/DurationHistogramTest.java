package org.wasmbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DurationHistogramTest {
  @Test
  void anEmptyHistogramIsZero() {
    assertThat(new DurationHistogram().percentiles())
        .isEqualTo(new Percentiles(0, Duration.ZERO, Duration.ZERO, Duration.ZERO));
  }

  @Test
  void percentilesAreAccurateToWithinTwoPercent() {
    var histogram = new DurationHistogram();
    for (int micros = 1; micros <= 10_000; micros++) {
      histogram.record(Duration.ofNanos(micros * 1_000L));
    }

    var percentiles = histogram.percentiles();

    assertThat(percentiles.count()).isEqualTo(10_000);
    assertThat(percentiles.median().toNanos()).isCloseTo(5_000_000L, withPercentage(1.6));
    assertThat(percentiles.p99().toNanos()).isCloseTo(9_900_000L, withPercentage(1.6));
    assertThat(percentiles.max().toNanos()).isCloseTo(10_000_000L, withPercentage(1.6));
  }

  @Test
  void aValueCanBeRecordedManyTimesAtOnce() {
    var histogram = new DurationHistogram();
    histogram.record(Duration.ofNanos(10), 99);
    histogram.record(Duration.ofNanos(100), 1);

    var percentiles = histogram.percentiles();

    assertThat(percentiles.p99()).isEqualTo(Duration.ofNanos(10));
    assertThat(percentiles.max()).isEqualTo(Duration.ofNanos(100));
  }

  @Test
  void negativeDurationsCountAsZero() {
    var histogram = new DurationHistogram();
    histogram.record(Duration.ofMillis(-5));

    assertThat(histogram.percentiles().max()).isEqualTo(Duration.ZERO);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {0, 1, 127, 128, 129, 255, 256, 1_000, 123_456_789, 1L << 40, Long.MAX_VALUE})
  void aBucketsMidpointIsWithinOneSixtyFourthOfItsValues(long nanos) {
    long midpoint = DurationHistogram.midpoint(DurationHistogram.bucketIndex(nanos));

    assertThat(Math.abs(midpoint - nanos)).isLessThanOrEqualTo(nanos / 64);
  }

  @Test
  void bucketsHaveNoGaps() {
    for (long nanos = 0; nanos < 100_000; nanos++) {
      assertThat(DurationHistogram.bucketIndex(nanos + 1) - DurationHistogram.bucketIndex(nanos))
          .isBetween(0, 1);
    }
  }
}
