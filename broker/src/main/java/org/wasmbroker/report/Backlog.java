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
import org.wasmbroker.telemetry.ReportEvent.Reason;

/**
 * What waits to be written and what is being written, under one lock.
 *
 * <p>A writer takes everything that waits, up to a batch. The first writer takes immediately, so
 * that a single outcome does not wait for others; while it writes, the next batch accumulates. A
 * second writer starts in parallel only when the batch is worth a transaction of its own or the
 * first write takes long. In a flood, when outcomes come so fast that batches are large by
 * themselves, each waits some milliseconds until it is larger: Postgres spends a fifth less on an
 * outcome in a batch of 200 than in one of 50, and in a flood a step waits longer for its turn than
 * for that. After a failure nothing is taken until the backoff has elapsed.
 */
final class Backlog {
  private static final int SECOND_WRITER_BATCH = 100;
  private static final long SECOND_WRITER_AFTER_NANOS = Duration.ofMillis(10).toNanos();

  private static final int FLOOD_BATCH = 200;
  private static final long FLOOD_AFTER_NANOS = Duration.ofMillis(20).toNanos();

  /** A flood is a batch of this size, and so many outcomes per second since the one before. */
  private static final int FLOOD_SIZE = 48;

  private static final long FLOOD_NANOS_PER_OUTCOME = Duration.ofSeconds(1).toNanos() / 5_000;

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
  private long lastTakenAt;
  private boolean flood;

  /** What is written in one transaction: outcomes, or steps to release. */
  sealed interface Batch {}

  record Outcomes(List<PendingOutcome> pending) implements Batch {}

  record Released(List<Step> steps, Reason reason) implements Batch {}

  Backlog(ReportConfig config, TimeSource time) {
    this.config = config;
    this.time = time;
    this.lastTakenAt = time.nanos();
  }

  int capacity() {
    lock.lock();
    try {
      return bytes >= config.backlogBytes() ? 0 : config.backlog() - outcomes.size() - inFlight;
    } finally {
      lock.unlock();
    }
  }

  /** How many outcomes wait or are being written. */
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
      // Signal for the first outcome and for a batch that is worth writing, not for every outcome.
      if (outcomes.size() == 1 || outcomes.size() == enough()) {
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

  /** Waits for the next batch; null when closed. */
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

  /** The next batch, or null when there is none or it is not due. */
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
    boolean isFilling = !flushing && released.isEmpty() && outcomes.size() < enough();
    return isFilling
        ? Math.max(
            wait,
            outcomes.getFirst().queuedAt()
                + (flood ? FLOOD_AFTER_NANOS : SECOND_WRITER_AFTER_NANOS)
                - now)
        : wait;
  }

  /** How many outcomes are worth a transaction now. */
  private int enough() {
    if (flood) {
      // Not more than a small backlog lets through.
      return Math.min(FLOOD_BATCH, Math.min(config.batchMax(), 1 + config.backlog() / 4));
    }
    return writing.isEmpty() ? 1 : Math.min(SECOND_WRITER_BATCH, config.batchMax());
  }

  private Batch takeNow() {
    Batch batch;
    if (!released.isEmpty()) {
      batch = released.remove();
    } else {
      int size = Math.min(config.batchMax(), outcomes.size());
      recordTaken(size);
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

  private void recordTaken(int size) {
    long now = time.nanos();
    long since = now - lastTakenAt;
    flood = size >= FLOOD_SIZE && since > 0 && since <= size * FLOOD_NANOS_PER_OUTCOME;
    lastTakenAt = now;
  }

  /** Ends the batch; its unwritten outcomes wait again. */
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

  void done(Released batch, List<Step> again) {
    lock.lock();
    try {
      forget(batch);
      if (!again.isEmpty()) {
        released.addFirst(new Released(again, batch.reason()));
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
    throw new IllegalStateException("a batch is ended once");
  }

  @SuppressWarnings("ReferenceEquality") // equal batches are different batches
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

  /** Counts a consecutive failure. */
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

  /** Resets the consecutive failures; returns how many there were. */
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

  /** Waits until everything is written; false when the budget elapses first. */
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

  /** Hands out no more batches; returns what will not be written. */
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
