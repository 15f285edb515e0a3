package org.wasmbroker.dispatch;

/**
 * How many steps to claim ahead of free slots: as many as will start within a window, estimated
 * from recent run times. Not thread-safe.
 *
 * <p>A step needs a processor for as long as it computes, and a slot for as long as it is in
 * flight; both bound how many start. The mean times follow slow steps immediately and quick ones
 * slowly. A step that has computed, or been in flight, for longer than the mean counts with its own
 * time, so that a stuck guest reduces the number before it ends. The number also grows with the
 * steps seen: nothing is claimed ahead before the first step has ended, and a step that computes
 * for longer than the window resets the count.
 *
 * <p>What is claimed ahead is held in memory: the mean size of the documents, which follows large
 * ones immediately as well, bounds the number too.
 */
final class Prefetch {
  private static final double RISE_WEIGHT = 0.5;
  private static final double FALL_WEIGHT = 1.0 / 16;
  private static final int PREFETCH_PER_STEP_SEEN = 4;

  /** Of all documents that wait. */
  private static final double MAX_BYTES = 32 << 20;

  private final double windowNanos;
  private final int max;
  private double meanNanos;
  private double meanComputedNanos;
  private double meanBytes;
  private long seen;

  Prefetch(long windowNanos, int max) {
    this.windowNanos = (double) windowNanos;
    this.max = max;
  }

  /** Records how long a step was in flight, and how long of that it computed. */
  void recordRun(long nanos, long computedNanos) {
    double computed = Math.max((double) computedNanos, 1000);
    meanNanos = mean(meanNanos, Math.max((double) nanos, 1000));
    meanComputedNanos = mean(meanComputedNanos, computed);
    seen = computed > windowNanos ? 0 : seen + 1;
  }

  /** Records the size of a step's document. */
  void recordDocument(int bytes) {
    meanBytes = mean(meanBytes, (double) bytes);
  }

  private static double mean(double before, double next) {
    return before == 0
        ? next
        : before + (next - before) * (next > before ? RISE_WEIGHT : FALL_WEIGHT);
  }

  /**
   * @param computedNanos for how long each step that computes has done so
   * @param freePermits how many more could compute
   * @param elapsedNanos for how long the step in each slot is in flight; 0 where the slot is free
   * @param freeSlots how many slots stay free when steps start with these permits
   */
  int steps(long[] computedNanos, int freePermits, long[] elapsedNanos, int freeSlots) {
    if (meanNanos == 0 || max == 0) {
      return 0;
    }
    double starts =
        starts(computedNanos, meanComputedNanos) + freePermits * windowNanos / meanComputedNanos;
    double slots = freeSlots + starts(elapsedNanos, meanNanos);
    double held = Math.min(max, MAX_BYTES / Math.max(meanBytes, 1));
    return (int)
        Math.min(Math.min(Math.min(starts, slots), held), PREFETCH_PER_STEP_SEEN * (double) seen);
  }

  private double starts(long[] nanosSoFar, double mean) {
    double starts = 0;
    for (long nanos : nanosSoFar) {
      starts += windowNanos / Math.max(mean, (double) nanos);
    }
    return starts;
  }
}
