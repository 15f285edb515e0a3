package org.wasmbroker.rollout;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts how runs of one version end, and how many of that was within a window. Counting is for any
 * thread and costs an addition; the window is for one thread, which takes a sample now and then.
 */
final class RunCounter {
  /** Samples of a window; it moves in steps of this part of it. */
  private static final int SAMPLES = 60;

  private final LongAdder runs = new LongAdder();
  private final LongAdder traps = new LongAdder();
  private final LongAdder limits = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final Deque<Sample> samples = new ArrayDeque<>(); // of the one thread

  private RunCounts told = RunCounts.NONE; // of the one thread

  private record Sample(long nanos, RunCounts total) {}

  void ended(@Nullable BadEnd end) {
    runs.increment(); // first, and read last, so that no part exceeds the whole
    switch (end) {
      case null -> {}
      case TRAPS -> traps.increment();
      case LIMITS -> limits.increment();
      case PERMANENT_FAILURES -> failures.increment();
    }
  }

  /** What ended between the start of the window and now. */
  RunCounts window(long now, long windowNanos) {
    var total = total();
    if (samples.isEmpty() || now - samples.getLast().nanos() >= windowNanos / SAMPLES) {
      samples.addLast(new Sample(now, total));
    }
    var base = RunCounts.NONE;
    if (samples.getFirst().nanos() - now <= -windowNanos) {
      while (samples.size() > 1 && second().nanos() - now <= -windowNanos) {
        samples.removeFirst();
      }
      base = samples.getFirst().total();
    }
    return total.minus(base);
  }

  /** What ended since this was last asked. */
  RunCounts sinceLastTime() {
    var total = total();
    var more = total.minus(told);
    told = total;
    return more;
  }

  private Sample second() {
    var iterator = samples.iterator();
    iterator.next();
    return iterator.next();
  }

  private RunCounts total() {
    long bad = traps.sum();
    long exceeded = limits.sum();
    long failed = failures.sum();
    return new RunCounts(runs.sum(), bad, exceeded, failed);
  }
}
