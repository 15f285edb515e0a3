package org.wasmbroker.report;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;

/**
 * What waits to be written and what is being written, under one lock.
 *
 * <p>A writer takes all that waits, up to a batch. The first writer takes at once, so that a lone
 * outcome does not wait for company; while it writes, the next batch gathers by itself. A further
 * writer starts beside it only when a batch is worth a transaction of its own or the first takes
 * long. After a failure nobody takes anything until the backoff has passed.
 */
final class Backlog {
  private static final int SECOND_WRITER_BATCH = 100;
  private static final long SECOND_WRITER_AFTER_NANOS = Duration.ofMillis(10).toNanos();

  private final ReportConfig config;
  private final TimeSource time;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition empty = lock.newCondition();

  // All below is guarded by the lock.
  private final ArrayDeque<PendingOutcome> outcomes = new ArrayDeque<>();
  private final ArrayDeque<Released> released = new ArrayDeque<>();
  private final List<Batch> writing = new ArrayList<>();
  private int inFlight;
  private long bytes;
  private int failures;
  private long notBefore;
  private boolean flushing;
  private boolean closed;

  /** One transaction's worth: outcomes, or steps to be given back. */
  sealed interface Batch {}

  record Outcomes(List<PendingOutcome> pending) implements Batch {}

  record Released(List<Step> steps, String reason) implements Batch {}

  Backlog(ReportConfig config, TimeSource time) {
    this.config = config;
    this.time = time;
  }

  int capacity() {
    lock.lock();
    try {
      return bytes >= config.backlogBytes() ? 0 : config.backlog() - outcomes.size() - inFlight;
    } finally {
      lock.unlock();
    }
  }

  /** Outcomes that wait or are being written. */
  int size() {
    lock.lock();
    try {
      return outcomes.size() + inFlight;
    } finally {
      lock.unlock();
    }
  }

  void add(Outcome outcome) {
    var pending = new PendingOutcome(outcome, time.nanos(), PendingOutcome.NEVER);
    lock.lock();
    try {
      outcomes.add(pending);
      bytes += pending.bytes();
      // Signals are for the first and for a full second batch, not for every outcome.
      if (outcomes.size() == 1 || outcomes.size() == SECOND_WRITER_BATCH) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  void add(Released steps) {
    lock.lock();
    try {
      released.add(steps);
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  List<Step> steps() {
    lock.lock();
    try {
      var steps = new ArrayList<Step>(outcomes.size() + inFlight);
      for (var batch : writing) {
        if (batch instanceof Outcomes(List<PendingOutcome> pending)) {
          pending.forEach(one -> steps.add(one.outcome().step()));
        }
      }
      outcomes.forEach(one -> steps.add(one.outcome().step()));
      return steps;
    } finally {
      lock.unlock();
    }
  }

  /** The next batch, waited for; null when closed. */
  @Nullable Batch take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        long nanos = nanosUntilWorthTaking(time.nanos());
        if (nanos <= 0) {
          return takeNow();
        }
        if (nanos == Long.MAX_VALUE) {
          work.await();
        } else {
          work.awaitNanos(nanos);
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** The next batch, or null when there is none or its time has not come. */
  @Nullable Batch poll() {
    lock.lock();
    try {
      return nanosUntilWorthTaking(time.nanos()) <= 0 ? takeNow() : null;
    } finally {
      lock.unlock();
    }
  }

  private long nanosUntilWorthTaking(long now) {
    if (outcomes.isEmpty() && released.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long wait = failures > 0 ? notBefore - now : 0;
    boolean isFilling =
        !flushing
            && released.isEmpty()
            && !writing.isEmpty()
            && outcomes.size() < Math.min(SECOND_WRITER_BATCH, config.batchMax());
    return isFilling
        ? Math.max(wait, outcomes.getFirst().queuedAt() + SECOND_WRITER_AFTER_NANOS - now)
        : wait;
  }

  private Batch takeNow() {
    Batch batch;
    if (!released.isEmpty()) {
      batch = released.remove();
    } else {
      int size = Math.min(config.batchMax(), outcomes.size());
      var taken = new ArrayList<PendingOutcome>(size);
      for (int i = 0; i < size; i++) {
        taken.add(outcomes.remove());
      }
      inFlight += size;
      batch = new Outcomes(taken);
    }
    writing.add(batch);
    return batch;
  }

  /** The batch was dealt with; what is left of it waits again. */
  void done(Outcomes batch, List<PendingOutcome> unwritten) {
    lock.lock();
    try {
      forget(batch);
      inFlight -= batch.pending().size();
      batch.pending().forEach(one -> bytes -= one.bytes());
      for (int i = unwritten.size() - 1; i >= 0; i--) {
        outcomes.addFirst(unwritten.get(i));
        bytes += unwritten.get(i).bytes();
      }
      ended();
    } finally {
      lock.unlock();
    }
  }

  void done(Released batch, boolean again) {
    lock.lock();
    try {
      forget(batch);
      if (again) {
        released.addFirst(batch);
      }
      ended();
    } finally {
      lock.unlock();
    }
  }

  private void forget(Batch batch) {
    for (int i = 0; i < writing.size(); i++) {
      if (isSame(writing.get(i), batch)) {
        writing.remove(i);
        return;
      }
    }
    throw new IllegalStateException("a batch ends once");
  }

  @SuppressWarnings("ReferenceEquality") // equal batches are not the same batch
  private static boolean isSame(Batch one, Batch other) {
    return one == other;
  }

  private void ended() {
    if (isEmpty()) {
      empty.signalAll();
    } else {
      work.signal();
    }
  }

  /** Counts a failure in a row. */
  int recordFailure() {
    lock.lock();
    try {
      return ++failures;
    } finally {
      lock.unlock();
    }
  }

  void notBefore(Duration delay) {
    lock.lock();
    try {
      notBefore = time.nanos() + delay.toNanos();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the row of failures; answers how many there were. */
  int resetFailures() {
    lock.lock();
    try {
      int count = failures;
      failures = 0;
      return count;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing waits and nothing is being written; false when the time is over first. */
  boolean awaitEmpty(Duration budget) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      flushing = true;
      work.signalAll();
      long nanos = budget.toNanos();
      while (!isEmpty() && nanos > 0) {
        nanos = empty.awaitNanos(nanos);
      }
      return isEmpty();
    } finally {
      flushing = false;
      lock.unlock();
    }
  }

  private boolean isEmpty() {
    return outcomes.isEmpty() && released.isEmpty() && writing.isEmpty();
  }

  /** Ends the taking; answers what nobody will write any more. */
  List<Batch> close() {
    lock.lock();
    try {
      closed = true;
      work.signalAll();
      var unwritten = new ArrayList<Batch>(released);
      if (!outcomes.isEmpty()) {
        unwritten.add(new Outcomes(List.copyOf(outcomes)));
      }
      outcomes.clear();
      released.clear();
      return unwritten;
    } finally {
      lock.unlock();
    }
  }
}
