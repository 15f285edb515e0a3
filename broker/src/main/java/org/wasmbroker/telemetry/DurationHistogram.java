package org.wasmbroker.telemetry;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A log-linear histogram of durations: buckets are at most 1/64 of their value wide, so percentiles
 * are accurate to within 1.6%, in fixed memory. Thread-safe; recording is one atomic increment.
 *
 * <p>Each nanosecond value below 128 has its own bucket. Above that, a value's bucket is its
 * highest seven bits: 64 buckets for each power of two.
 */
final class DurationHistogram {
  private static final int PRECISION_BITS = 6;
  private static final int SUB_BUCKETS = 1 << PRECISION_BITS;

  private final AtomicLongArray counts =
      new AtomicLongArray((Long.SIZE - PRECISION_BITS) * SUB_BUCKETS);

  void record(Duration value) {
    record(value, 1);
  }

  /** Records the same value {@code count} times. */
  void record(Duration value, long count) {
    counts.addAndGet(bucketIndex(Math.max(0, value.toNanos())), count);
  }

  /** The percentiles of the values recorded so far. */
  Percentiles percentiles() {
    var snapshot = new long[counts.length()];
    long total = 0;
    for (int i = 0; i < snapshot.length; i++) {
      snapshot[i] = counts.get(i);
      total += snapshot[i];
    }
    return new Percentiles(
        total,
        quantile(snapshot, total, 0.50),
        quantile(snapshot, total, 0.99),
        quantile(snapshot, total, 1));
  }

  private static Duration quantile(long[] counts, long total, double quantile) {
    long rank = Math.max(1, (long) Math.ceil(total * quantile));
    long cumulative = 0;
    for (int i = 0; i < counts.length; i++) {
      cumulative += counts[i];
      if (cumulative >= rank) {
        return Duration.ofNanos(midpoint(i));
      }
    }
    return Duration.ZERO;
  }

  static int bucketIndex(long nanos) {
    if (nanos < 2 * SUB_BUCKETS) {
      return (int) nanos;
    }
    int shift = Long.SIZE - 1 - PRECISION_BITS - Long.numberOfLeadingZeros(nanos);
    return shift * SUB_BUCKETS + (int) (nanos >>> shift);
  }

  /** The value that represents a bucket: the midpoint between its bounds. */
  static long midpoint(int bucket) {
    if (bucket < 2 * SUB_BUCKETS) {
      return bucket;
    }
    int shift = bucket / SUB_BUCKETS - 1;
    long lowest = (long) (bucket - shift * SUB_BUCKETS) << shift;
    return lowest + (1L << shift) / 2;
  }
}
