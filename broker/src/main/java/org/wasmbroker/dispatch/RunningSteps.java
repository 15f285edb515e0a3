package org.wasmbroker.dispatch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The steps that run, one in each slot that is not free. Not thread-safe. */
final class RunningSteps {
  private final @Nullable QueuedStep[] bySlot;
  private int count;
  private long starts;

  RunningSteps(int slots) {
    this.bySlot = new QueuedStep[slots];
  }

  int slots() {
    return bySlot.length;
  }

  int count() {
    return count;
  }

  int freeSlots() {
    return bySlot.length - count;
  }

  void start(int slot, QueuedStep step, long now) {
    step.start(now);
    bySlot[slot] = step;
    count++;
    starts++;
  }

  /** The step in the slot; null if it is free. */
  @Nullable QueuedStep in(int slot) {
    return bySlot[slot];
  }

  void end(int slot) {
    bySlot[slot] = null;
    count--;
  }

  /** How many steps have started. */
  long starts() {
    return starts;
  }

  /** How many have exceeded their time limits by more than this. */
  int overrunning(long byNanos, long now) {
    int overrunning = 0;
    for (var step : bySlot) {
      if (step != null && now - step.startedAt() - byNanos > step.step().timeout().toNanos()) {
        overrunning++;
      }
    }
    return overrunning;
  }

  List<QueuedStep> all() {
    var all = new ArrayList<QueuedStep>(count);
    for (var step : bySlot) {
      if (step != null) {
        all.add(step);
      }
    }
    return all;
  }

  /** The elapsed time of the step in each slot; 0 where the slot is free. */
  long[] elapsedNanos(long now) {
    var nanos = new long[bySlot.length];
    for (int i = 0; i < bySlot.length; i++) {
      var step = bySlot[i];
      nanos[i] = step == null ? 0 : Math.max(0, now - step.startedAt());
    }
    return nanos;
  }
}
