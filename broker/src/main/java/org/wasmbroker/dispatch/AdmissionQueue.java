package org.wasmbroker.dispatch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.dispatch.ModuleFinder.FoundModule;

/**
 * The steps that wait, in the order in which they came, and which of them starts next: the first
 * one whose memory fits into what is left of the budget. Not thread-safe.
 *
 * <p>So a small step may pass a large one that does not fit yet. But once the steps that passed it
 * have taken as much memory as it needs itself, all together, it is its turn, and none that came
 * after it starts before it. What runs ends at its deadline, so what is in use goes down until the
 * step fits, which it does at the latest when nothing runs, since no step needs more than the
 * budget. The steps ahead of it are finitely many, and the same holds for each. Hence every step
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
    if (queued.isResolved()) {
      budget.recordDemand(queued.memoryBytes());
    }
  }

  int size() {
    return steps.size();
  }

  boolean isEmpty() {
    return steps.isEmpty();
  }

  /**
   * Whether the last look found steps and none to start, so that somebody has to look again when
   * memory is given back.
   */
  boolean isStalled() {
    return stalled;
  }

  /**
   * The next step: taken out, with its memory in use, if its module is known; else it stays in
   * line, and the caller finds its module. Null when none can start now.
   */
  @Nullable QueuedStep next() {
    for (var queued : steps) {
      if (!queued.isResolved()) {
        if (queued.tryBeginResolving()) {
          return queued;
        }
      } else if (budget.fits(queued.memoryBytes())) {
        dequeue(queued);
        return queued;
      } else if (queued.hasPriority()) {
        break;
      }
    }
    stalled = !steps.isEmpty();
    return null;
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

  /** What a step that {@link #next} gave will run, whether it still waits or not. */
  void resolved(QueuedStep queued, FoundModule module) {
    queued.resolved(module);
    budget.recordDemand(queued.memoryBytes());
    stalled = !steps.isEmpty();
  }

  /** Takes out the steps that came before then, save for those that will start soon. */
  List<QueuedStep> removeOlderThan(long nanos, long now) {
    var removed = new ArrayList<QueuedStep>();
    var protectedStep = firstNotFitting();
    for (var queued : steps) {
      if (now - queued.queuedAt() <= nanos) {
        break;
      }
      if (queued != protectedStep && !queued.isResolving()) {
        removed.add(queued);
      }
    }
    steps.removeAll(removed);
    return removed;
  }

  private @Nullable QueuedStep firstNotFitting() {
    for (var queued : steps) {
      if (queued.isResolved() && !budget.fits(queued.memoryBytes())) {
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
    return (int)
        steps.stream()
            .filter(queued -> queued.isResolved() && !budget.fits(queued.memoryBytes()))
            .count();
  }

  /**
   * How many more steps of the usual size would start soon; 0 when it is a large one's turn, since
   * what comes after it has to wait.
   *
   * @param ahead how many would start soon besides, if only slots counted
   * @param slots how many run at once, if only slots counted
   */
  int capacity(int ahead, int slots) {
    long fitting = 0;
    for (var queued : steps) {
      if (queued.isResolved()) {
        if (budget.fits(queued.memoryBytes())) {
          fitting += queued.memoryBytes();
        } else if (queued.hasPriority()) {
          return 0;
        }
      }
    }
    return budget.capacity(fitting, ahead, slots);
  }
}
