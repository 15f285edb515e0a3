package org.wasmbroker.dispatch;

/**
 * How many steps to claim ahead of free slots: as many as will start within a window, estimated
 * from recent run times. Not thread-safe.
 *
 * <p>The mean run time follows slow steps immediately and quick ones slowly. A slot whose step has
 * run for longer than the mean counts with that step's elapsed time, so that a stuck guest reduces
 * the number before it ends. The number also grows with the steps seen: nothing is claimed ahead
 * before the first step has ended, and a step longer than the window resets the count.
 */
final class Prefetch {
  private static final double RISE_WEIGHT = 0.5;
  private static final double FALL_WEIGHT = 1.0 / 16;
  private static final int PREFETCH_PER_STEP_SEEN = 4;

  private final double windowNanos;
  private final int max;
  private double meanNanos;
  private long seen;

  Prefetch(long windowNanos, int max) {
    this.windowNanos = (double) windowNanos;
    this.max = max;
  }

  /** Records the run time of a step. */
  void recordRun(long nanos) {
    double nanosTaken = Math.max((double) nanos, 1000);
    meanNanos =
        meanNanos == 0
            ? nanosTaken
            : meanNanos
                + (nanosTaken - meanNanos) * (nanosTaken > meanNanos ? RISE_WEIGHT : FALL_WEIGHT);
    seen = nanosTaken > windowNanos ? 0 : seen + 1;
  }

  /**
   * @param runningNanos the elapsed time of the step in each slot; 0 where the slot is free
   */
  int steps(long[] runningNanos) {
    if (meanNanos == 0 || max == 0) {
      return 0;
    }
    double starts = 0;
    for (long running : runningNanos) {
      starts += windowNanos / Math.max(meanNanos, (double) running);
    }
    return (int) Math.min(Math.min(starts, max), PREFETCH_PER_STEP_SEEN * (double) seen);
  }
}
