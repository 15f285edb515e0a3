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
 *
 * <p>A step that must run alone waits until nothing runs ({@link LoneRuns}).
 */
final class AdmissionQueue {
  private final ArrayDeque<QueuedStep> steps = new ArrayDeque<>();
  private final MemoryBudget budget;
  private final LoneRuns lone;

  AdmissionQueue(MemoryBudget budget, LoneRuns lone) {
    this.budget = budget;
    this.lone = lone;
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

  /** The next step, whose memory is reserved now. Null when none can start. */
  @Nullable QueuedStep next() {
    for (var queued : steps) {
      var turn = turnOf(queued);
      if (turn == Turn.STARTS) {
        dequeue(queued);
        return queued;
      } else if (turn == Turn.BLOCKS) {
        break;
      }
    }
    return null;
  }

  /** What becomes of a waiting step now. */
  private enum Turn {
    STARTS,
    /** It waits, and later ones may start before it. */
    WAITS,
    /** It waits, and so do all later ones. */
    BLOCKS
  }

  private Turn turnOf(QueuedStep queued) {
    if (lone.isRunning()) {
      return Turn.WAITS;
    }
    if (queued.runsAlone()) {
      if (!lone.hasTurn(queued, steps)) {
        return Turn.WAITS;
      }
      return lone.mayStart() ? Turn.STARTS : Turn.BLOCKS;
    }
    if (budget.fits(queued.memoryBytes())) {
      return Turn.STARTS;
    }
    return queued.hasPriority() ? Turn.BLOCKS : Turn.WAITS;
  }

  /** Whether {@link #next} would find a step to start. */
  boolean hasStartable() {
    boolean waits = false;
    if (!lone.isHolding()) {
      for (var queued : steps) {
        if (queued.runsAlone()) {
          waits = true;
        } else if (budget.fits(queued.memoryBytes())) {
          return true;
        } else if (queued.hasPriority()) {
          return false;
        }
      }
    }
    return (waits || lone.isHolding()) && lone.mayStart();
  }

  private void dequeue(QueuedStep next) {
    lone.left(next, true);
    for (var ahead : steps) {
      if (ahead == next) {
        break;
      }
      ahead.overtakenBy(next.memoryBytes());
    }
    steps.remove(next);
    budget.reserve(next.memoryBytes());
  }

  /**
   * Removes the steps that have waited longer, except for those that will start soon and those that
   * run alone: each worker would make them wait again.
   */
  List<QueuedStep> removeOlderThan(long nanos, long now) {
    var removed = new ArrayList<QueuedStep>();
    var protectedStep = firstNotFitting();
    for (var queued : steps) {
      if (now - queued.queuedAt() <= nanos) {
        break;
      }
      if (queued != protectedStep && !queued.runsAlone()) {
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
    return steps.removeIf(queued -> predicate.test(queued) && leaves(queued));
  }

  List<QueuedStep> all() {
    return List.copyOf(steps);
  }

  private boolean leaves(QueuedStep queued) {
    lone.left(queued, false);
    return true;
  }

  List<QueuedStep> removeAll() {
    var all = all();
    all.forEach(this::leaves);
    steps.clear();
    return all;
  }

  /** How many wait for memory that others use. */
  int waitingForMemory() {
    return (int) steps.stream().filter(queued -> !budget.fits(queued.memoryBytes())).count();
  }

  /**
   * How many more steps of typical size would start soon; 0 when a large one has priority, or one
   * runs alone, since later ones have to wait for it.
   *
   * @param ahead how many steps to prefetch if only slots counted
   * @param computing how many steps compute at once if memory did not count
   */
  int capacity(int ahead, int computing) {
    if (lone.isHolding()) {
      return 0;
    }
    long fitting = 0;
    for (var queued : steps) {
      if (budget.fits(queued.memoryBytes())) {
        fitting += queued.memoryBytes();
      } else if (queued.hasPriority()) {
        return 0;
      }
    }
    return budget.capacity(fitting, ahead, computing);
  }
}
