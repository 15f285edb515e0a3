package org.wasmbroker.dispatch;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Step;

/**
 * How many steps to claim, and when: as many as would start soon, beyond the waiting ones, and only
 * once half of the prefetched steps are used up, since claims should be large. Not thread-safe.
 */
final class ClaimCapacity {
  private final AdmissionQueue waiting;
  private final LoadingSteps loading;
  private final RunningSteps running;
  private final ComputePermits permits;
  private final Prefetch prefetch;
  private int prefetchTarget;
  private @Nullable Runnable listener;

  ClaimCapacity(
      AdmissionQueue waiting,
      LoadingSteps loading,
      RunningSteps running,
      ComputePermits permits,
      Prefetch prefetch) {
    this.waiting = waiting;
    this.loading = loading;
    this.running = running;
    this.permits = permits;
    this.prefetch = prefetch;
  }

  /** Records how long a step was in flight, and how long of that it computed. */
  void recordRun(long nanos, long computedNanos) {
    prefetch.recordRun(nanos, computedNanos);
  }

  /** Records what was claimed. */
  void recordClaim(List<Step> steps) {
    for (var step : steps) {
      prefetch.recordDocument(step.document().size());
    }
  }

  /**
   * How many steps to claim now; 0 as long as a later claim would be a larger one.
   *
   * @param reportCapacity how many outcomes the reporter can take, including those of waiting and
   *     running steps
   */
  int steps(int reportCapacity, long now) {
    prefetchTarget =
        prefetch.steps(
            running.computedNanos(now),
            permits.free(),
            running.elapsedNanos(now),
            running.freeSlots() - startableNow());
    int capacity =
        Math.min(
            available(now), reportCapacity - running.count() - waiting.size() - loading.size());
    return isWorthClaiming(now) ? Math.max(0, capacity) : 0;
  }

  /** How many steps are claimed ahead of free slots, as of the latest look. */
  int prefetch() {
    return prefetchTarget;
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
    return waitingForSlots(now) - startableNow() <= prefetchTarget / 2;
  }

  private int available(long now) {
    return Math.min(
        startableNow() + prefetchTarget - waitingForSlots(now),
        waiting.capacity(prefetchTarget, permits.count()));
  }

  /** How many steps would start at once: each needs a slot, and a permit to begin with. */
  private int startableNow() {
    return Math.min(running.freeSlots(), permits.free());
  }

  private int waitingForSlots(long now) {
    return waiting.size() + loading.counted(now);
  }
}
