package org.wasmbroker.dispatch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.dispatch.ModuleFinder.Found;

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
final class WaitingLine {
  private final ArrayDeque<Work> works = new ArrayDeque<>();
  private final MemoryBudget budget;
  private boolean stalled;

  WaitingLine(MemoryBudget budget) {
    this.budget = budget;
  }

  void add(Work work) {
    works.add(work);
    if (work.isResolved()) {
      budget.seen(work.memory());
    }
  }

  int size() {
    return works.size();
  }

  boolean isEmpty() {
    return works.isEmpty();
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
  @Nullable Work next() {
    for (var work : works) {
      if (!work.isResolved()) {
        if (work.beginResolving()) {
          return work;
        }
      } else if (budget.fits(work.memory())) {
        start(work);
        return work;
      } else if (work.isItsTurn()) {
        break;
      }
    }
    stalled = !works.isEmpty();
    return null;
  }

  private void start(Work next) {
    stalled = stalled && works.size() > 1;
    for (var ahead : works) {
      if (ahead == next) {
        break;
      }
      ahead.passedBy(next.memory());
    }
    works.remove(next);
    budget.take(next.memory());
  }

  /** What a step that {@link #next} gave will run, whether it still waits or not. */
  void resolved(Work work, Found found) {
    work.resolved(found);
    budget.seen(work.memory());
    stalled = !works.isEmpty();
  }

  /** Takes out the steps that came before then, save for those that will start soon. */
  List<Work> takeOlderThan(long nanos, long now) {
    var taken = new ArrayList<Work>();
    var inTurn = firstThatDoesNotFit();
    for (var work : works) {
      if (now - work.since() <= nanos) {
        break;
      }
      if (work != inTurn && !work.isBeingResolved()) {
        taken.add(work);
      }
    }
    works.removeAll(taken);
    return taken;
  }

  private @Nullable Work firstThatDoesNotFit() {
    for (var work : works) {
      if (work.isResolved() && !budget.fits(work.memory())) {
        return work;
      }
    }
    return null;
  }

  boolean remove(Predicate<Work> which) {
    return works.removeIf(which);
  }

  List<Work> all() {
    return List.copyOf(works);
  }

  List<Work> takeAll() {
    var all = all();
    works.clear();
    return all;
  }

  /** How many wait for memory that others use. */
  int waitingForMemory() {
    return (int)
        works.stream().filter(work -> work.isResolved() && !budget.fits(work.memory())).count();
  }

  /**
   * How many more steps of the usual size would start soon; 0 when it is a large one's turn, since
   * what comes after it has to wait.
   *
   * @param ahead how many would start soon besides, if only slots counted
   * @param slots how many run at once, if only slots counted
   */
  int room(int ahead, int slots) {
    long fitting = 0;
    for (var work : works) {
      if (work.isResolved()) {
        if (budget.fits(work.memory())) {
          fitting += work.memory();
        } else if (work.isItsTurn()) {
          return 0;
        }
      }
    }
    return budget.room(fitting, ahead, slots);
  }
}
