package org.wasmbroker.telemetry;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts durations in buckets whose width is at most 1/64 of their value, so that percentiles are
 * right to within 1.6%, in fixed memory. Thread-safe; recording is one atomic increment.
 *
 * <p>Nanoseconds below 128 have a bucket each. Above, a value's bucket is its highest seven bits:
 * 64 buckets for each power of two.
 */
final class Distribution {
  private static final int FINE_BITS = 6;
  private static final int FINE = 1 << FINE_BITS;

  private final AtomicLongArray counts = new AtomicLongArray((Long.SIZE - FINE_BITS) * FINE);

  void record(Duration value) {
    record(value, 1);
  }

  /** Records one value so many times. */
  void record(Duration value, long times) {
    counts.addAndGet(bucket(Math.max(0, value.toNanos())), times);
  }

  /** The percentiles of what was recorded so far. */
  Percentiles percentiles() {
    var copy = new long[counts.length()];
    long total = 0;
    for (int i = 0; i < copy.length; i++) {
      copy[i] = counts.get(i);
      total += copy[i];
    }
    return new Percentiles(total, at(copy, total, 0.50), at(copy, total, 0.99), at(copy, total, 1));
  }

  private static Duration at(long[] counts, long total, double share) {
    long wanted = Math.max(1, (long) Math.ceil(total * share));
    long passed = 0;
    for (int i = 0; i < counts.length; i++) {
      passed += counts[i];
      if (passed >= wanted) {
        return Duration.ofNanos(middle(i));
      }
    }
    return Duration.ZERO;
  }

  static int bucket(long nanos) {
    if (nanos < 2 * FINE) {
      return (int) nanos;
    }
    int shift = Long.SIZE - 1 - FINE_BITS - Long.numberOfLeadingZeros(nanos);
    return shift * FINE + (int) (nanos >>> shift);
  }

  /** The value that stands for a bucket: the middle between its bounds. */
  static long middle(int bucket) {
    if (bucket < 2 * FINE) {
      return bucket;
    }
    int shift = bucket / FINE - 1;
    long lowest = (long) (bucket - shift * FINE) << shift;
    return lowest + (1L << shift) / 2;
  }
}
