package org.wasmbroker.telemetry.micrometer;

import java.time.Duration;
import java.util.stream.LongStream;

/** The bucket boundaries of the histograms. */
final class Buckets {
  /** Run times, from an empty guest to the longest usual time limit. */
  static final Duration[] RUN =
      nanos(
          1_000,
          2_500,
          5_000,
          10_000,
          25_000,
          50_000,
          100_000,
          250_000,
          500_000,
          1_000_000,
          2_500_000,
          5_000_000,
          10_000_000,
          25_000_000,
          50_000_000,
          100_000_000,
          250_000_000,
          500_000_000,
          1_000_000_000,
          2_500_000_000L,
          5_000_000_000L,
          10_000_000_000L,
          30_000_000_000L,
          60_000_000_000L);

  /** Waiting times, from an idle broker to a backlog of hours. */
  static final Duration[] QUEUE_WAIT =
      millis(
          1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
          900_000, 3_600_000);

  /** Round-trip times of database calls and HTTP requests. */
  static final Duration[] ROUND_TRIP =
      millis(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000);

  /** Times to compile a module or to load it from the compile cache. */
  static final Duration[] COMPILE =
      millis(1, 5, 10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000);

  /** Linear memory sizes, from one page to everything a 32-bit guest can address. */
  static final double[] MEMORY =
      LongStream.rangeClosed(16, 32).mapToDouble(bits -> 1L << bits).toArray();

  /** Batch sizes: steps per database call. */
  static final double[] BATCH = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000};

  private Buckets() {}

  private static Duration[] nanos(long... bounds) {
    return LongStream.of(bounds).mapToObj(Duration::ofNanos).toArray(Duration[]::new);
  }

  private static Duration[] millis(long... bounds) {
    return LongStream.of(bounds).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
  }
}
