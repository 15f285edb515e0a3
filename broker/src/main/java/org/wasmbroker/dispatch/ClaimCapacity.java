package org.wasmbroker.dispatch;

import org.jspecify.annotations.Nullable;

/**
 * How many steps to claim, and when: as many as would start soon beyond the waiting ones, and only
 * once half of the prefetched steps are used up, since claims should be large. Not thread-safe.
 */
final class ClaimCapacity {
  private final AdmissionQueue waiting;
  private final LoadingSteps loading;
  private final RunningSteps running;
  private final Prefetch prefetch;
  private int prefetchTarget;
  private @Nullable Runnable listener;

  ClaimCapacity(
      AdmissionQueue waiting, LoadingSteps loading, RunningSteps running, Prefetch prefetch) {
    this.waiting = waiting;
    this.loading = loading;
    this.running = running;
    this.prefetch = prefetch;
  }

  /** Records the run time of a step. */
  void recordRun(long nanos) {
    prefetch.recordRun(nanos);
  }

  /**
   * How many steps to claim now; 0 as long as a later claim would be a larger one.
   *
   * @param reportCapacity how many outcomes the reporter can take, including those of waiting and
   *     running steps
   */
  int steps(int reportCapacity, long now) {
    prefetchTarget = prefetch.steps(running.elapsedNanos(now));
    int capacity =
        Math.min(
            available(now), reportCapacity - running.count() - waiting.size() - loading.size());
    return isWorthClaiming(now) ? Math.max(0, capacity) : 0;
  }

  void listener(Runnable newListener) {
    listener = newListener;
  }

  /** The listener, once, if a claim is worthwhile; else null. */
  @Nullable Runnable takeListener(long now) {
    var taken = listener;
    if (taken == null || !isWorthClaiming(now) || available(now) <= 0) {
      return null;
    }
    listener = null;
    return taken;
  }

  private boolean isWorthClaiming(long now) {
    return waitingForSlots(now) - running.freeSlots() <= prefetchTarget / 2;
  }

  private int available(long now) {
    return Math.min(
        running.freeSlots() + prefetchTarget - waitingForSlots(now),
        waiting.capacity(prefetchTarget, running.slots()));
  }

  private int waitingForSlots(long now) {
    return waiting.size() + loading.counted(now);
  }
}
