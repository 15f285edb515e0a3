package org.wasmbroker.dispatch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The steps that run, one in each slot that is not free. Not thread-safe. */
final class RunningSteps {
  private final @Nullable QueuedStep[] bySlot;
  private int count;
  private long documentBytes;
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
    documentBytes += step.step().document().size();
    count++;
    starts++;
  }

  /** The step in the slot; null if it is free. */
  @Nullable QueuedStep in(int slot) {
    return bySlot[slot];
  }

  void end(int slot) {
    var ended = bySlot[slot];
    documentBytes -= ended == null ? 0 : ended.step().document().size();
    bySlot[slot] = null;
    count--;
  }

  /** The size of the documents of the steps that run. */
  long documentBytes() {
    return documentBytes;
  }

  /** How many steps have started. */
  long starts() {
    return starts;
  }

  /** Those that have exceeded their time limits by more than this, without waits for permits. */
  List<QueuedStep> overrunning(long byNanos, long now) {
    var overrunning = new ArrayList<QueuedStep>();
    for (var step : bySlot) {
      if (step != null
          && now - step.startedAt() - step.permit().waited(now) - byNanos
              > step.step().timeout().toNanos()) {
        overrunning.add(step);
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

  /** For how long those that compute have done so. */
  long[] computedNanos(long now) {
    var nanos = new long[bySlot.length];
    int computing = 0;
    for (var step : bySlot) {
      if (step != null && step.permit().isHeld()) {
        nanos[computing++] = Math.max(0, step.permit().computed(now));
      }
    }
    return Arrays.copyOf(nanos, computing);
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
