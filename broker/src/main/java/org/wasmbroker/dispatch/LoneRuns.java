package org.wasmbroker.dispatch;

import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.TimeSource;

/**
 * Lets a step run alone after several of its workers were lost while it ran: no other guest runs
 * beside it and no outcome is unwritten, so that whatever happens to the process is its own doing
 * and harms no other step. Not thread-safe.
 *
 * <p>When it is such a step's turn, no later step starts until the running ones have ended, and
 * none while it runs. Afterwards the others have at least as much time as they were held back
 * before the next step runs alone, so that many of these steps take half of the time together. If
 * no other step waits or runs, there is nothing to wait for (docs/adr/0022-suspects.md).
 */
final class LoneRuns {
  /** So many lost starts a step has in company. */
  static final int STARTS_IN_COMPANY = 2;

  private final RunningSteps running;
  private final TimeSource time;
  private @Nullable QueuedStep held; // for which others are held back: it waits or runs
  private boolean runs;
  private long heldSince;
  private long nextTurn;

  LoneRuns(RunningSteps running, TimeSource time) {
    this.running = running;
    this.time = time;
    this.nextTurn = time.nanos();
  }

  /** Whether nothing may start since a step runs alone. */
  boolean isRunning() {
    return runs;
  }

  /** Whether other steps are held back for one that runs alone, or will. */
  boolean isHolding() {
    return held != null;
  }

  /**
   * Whether it is the turn of a step that runs alone; if it is, no step behind it may start.
   *
   * @param waiting all waiting steps
   */
  boolean hasTurn(QueuedStep lone, Collection<QueuedStep> waiting) {
    if (held != null) {
      return lone == held;
    }
    if (time.nanos() - nextTurn < 0 && othersWait(waiting)) {
      return false;
    }
    held = lone;
    heldSince = time.nanos();
    return true;
  }

  private boolean othersWait(Collection<QueuedStep> waiting) {
    return running.count() > 0 || waiting.stream().anyMatch(queued -> !queued.runsAlone());
  }

  /** Whether the step that has its turn may start. */
  boolean mayStart() {
    return running.count() == 0;
  }

  /** A step leaves the queue, to run or not. */
  void left(QueuedStep queued, boolean starts) {
    if (queued == held) {
      if (starts) {
        runs = true;
      } else {
        end();
      }
    }
  }

  /** A run has ended. */
  void ended(QueuedStep queued) {
    if (queued == held) {
      end();
    }
  }

  private void end() {
    long now = time.nanos();
    nextTurn = now + (now - heldSince);
    held = null;
    runs = false;
  }
}
