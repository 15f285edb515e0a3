package org.wasmbroker.dispatch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The waiting steps whose module is known, in order of arrival, and which of them starts next: the
 * first whose memory fits into the rest of the budget. Not thread-safe.
 *
 * <p>A small step may therefore overtake a large one that does not fit yet. But once the steps that
 * overtook it have taken as much memory in total as it needs itself, it has priority, and no later
 * step starts before it. Running steps end at their deadlines, so the memory in use goes down until
 * the step fits, at the latest when nothing runs, since no step needs more than the budget. Only
 * finitely many steps are ahead of it, and the same holds for each of them. Hence every step
 * starts, the large ones and the small ones behind them (docs/adr/0011-admission-by-memory.md).
 */
final class AdmissionQueue {
  private final ArrayDeque<QueuedStep> steps = new ArrayDeque<>();
  private final MemoryBudget budget;
  private boolean stalled;

  AdmissionQueue(MemoryBudget budget) {
    this.budget = budget;
  }

  void add(QueuedStep queued) {
    steps.add(queued);
    budget.recordDemand(queued.memoryBytes());
  }

  int size() {
    return steps.size();
  }

  boolean isEmpty() {
    return steps.isEmpty();
  }

  /**
   * Whether the last call of {@link #next} found steps but none that could start, so that it has to
   * be called again when memory is released.
   */
  boolean isStalled() {
    return stalled;
  }

  /** The next step, whose memory is reserved now. Null when none can start. */
  @Nullable QueuedStep next() {
    for (var queued : steps) {
      if (budget.fits(queued.memoryBytes())) {
        dequeue(queued);
        return queued;
      } else if (queued.hasPriority()) {
        break;
      }
    }
    stalled = !steps.isEmpty();
    return null;
  }

  /** Whether {@link #next} would find a step to start. */
  boolean hasStartable() {
    for (var queued : steps) {
      if (budget.fits(queued.memoryBytes())) {
        return true;
      } else if (queued.hasPriority()) {
        return false;
      }
    }
    return false;
  }

  private void dequeue(QueuedStep next) {
    stalled = stalled && steps.size() > 1;
    for (var ahead : steps) {
      if (ahead == next) {
        break;
      }
      ahead.overtakenBy(next.memoryBytes());
    }
    steps.remove(next);
    budget.reserve(next.memoryBytes());
  }

  /** Removes the steps that have waited longer, except for those that will start soon. */
  List<QueuedStep> removeOlderThan(long nanos, long now) {
    var removed = new ArrayList<QueuedStep>();
    var protectedStep = firstNotFitting();
    for (var queued : steps) {
      if (now - queued.queuedAt() <= nanos) {
        break;
      }
      if (queued != protectedStep) {
        removed.add(queued);
      }
    }
    steps.removeAll(removed);
    return removed;
  }

  private @Nullable QueuedStep firstNotFitting() {
    for (var queued : steps) {
      if (!budget.fits(queued.memoryBytes())) {
        return queued;
      }
    }
    return null;
  }

  boolean removeIf(Predicate<QueuedStep> predicate) {
    return steps.removeIf(predicate);
  }

  List<QueuedStep> all() {
    return List.copyOf(steps);
  }

  List<QueuedStep> removeAll() {
    var all = all();
    steps.clear();
    return all;
  }

  /** How many wait for memory that others use. */
  int waitingForMemory() {
    return (int) steps.stream().filter(queued -> !budget.fits(queued.memoryBytes())).count();
  }

  /**
   * How many more steps of typical size would start soon; 0 when a large one has priority, since
   * later ones have to wait for it.
   *
   * @param ahead how many steps to prefetch if only slots counted
   * @param slots how many steps run at once if only slots counted
   */
  int capacity(int ahead, int slots) {
    long fitting = 0;
    for (var queued : steps) {
      if (budget.fits(queued.memoryBytes())) {
        fitting += queued.memoryBytes();
      } else if (queued.hasPriority()) {
        return 0;
      }
    }
    return budget.capacity(fitting, ahead, slots);
  }
}
