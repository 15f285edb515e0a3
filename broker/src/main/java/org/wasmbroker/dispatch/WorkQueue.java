package org.wasmbroker.dispatch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;

/**
 * The steps that wait for a slot and those that run in one, under one lock: a step is always in
 * exactly one place, so that no look at all of them misses one.
 */
final class WorkQueue {
  /** Steps that wait for so many prefetch windows, or for so long, were claimed too eagerly. */
  private static final int OVERDUE_WINDOWS = 20;

  private static final long LEAST_OVERDUE_NANOS = Duration.ofSeconds(1).toNanos();

  private final int slots;
  private final long overdueNanos;
  private final TimeSource time;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition idle = lock.newCondition();

  // All below is guarded by the lock.
  private final ArrayDeque<Work> waiting = new ArrayDeque<>();
  private final @Nullable Work[] running;
  private final Prefetch prefetch;
  private int busy;
  private int ahead;
  private @Nullable Runnable onRoom;
  private boolean draining;
  private boolean closed;

  WorkQueue(DispatchConfig config, TimeSource time) {
    this.slots = config.slots();
    this.overdueNanos =
        Math.max(
            LEAST_OVERDUE_NANOS, config.prefetchWindow().multipliedBy(OVERDUE_WINDOWS).toNanos());
    this.time = time;
    this.running = new Work[slots];
    this.prefetch = new Prefetch(config.prefetchWindow().toNanos(), config.prefetchMax());
  }

  /** Adds the steps; false when the queue takes none any more. */
  boolean add(List<Step> steps) {
    long now = time.nanos();
    lock.lock();
    try {
      if (draining) {
        return false;
      }
      for (var step : steps) {
        waiting.add(new Work(step, now));
      }
      if (busy < slots) {
        arrived.signalAll();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Frees the slot and waits for the next work for it.
   *
   * @param finished what the slot ran before, or null at its start
   * @return null when the queue is closed
   */
  @Nullable Work next(int slot, @Nullable Work finished) {
    var done = finished;
    while (true) {
      @Nullable Work next;
      @Nullable Runnable tell;
      lock.lock();
      try {
        long now = time.nanos();
        if (done != null) {
          free(slot, done, now);
          done = null;
        }
        next = start(slot, now);
        tell = whoWantsRoom();
        if (next == null && tell == null) {
          if (closed) {
            return null;
          }
          arrived.awaitUninterruptibly();
        }
      } finally {
        lock.unlock();
      }
      if (tell != null) {
        tell.run();
      }
      if (next != null) {
        return next;
      }
    }
  }

  private void free(int slot, Work done, long now) {
    prefetch.ran(now - done.runningSince());
    running[slot] = null;
    busy--;
    if (busy == 0) {
      idle.signalAll();
    }
  }

  private @Nullable Work start(int slot, long now) {
    var next = waiting.poll();
    if (next != null) {
      next.start(now);
      running[slot] = next;
      busy++;
    }
    return next;
  }

  private @Nullable Runnable whoWantsRoom() {
    var tell = onRoom;
    if (tell == null || !isWorthAClaim() || slots + ahead <= busy + waiting.size()) {
      return null;
    }
    onRoom = null;
    return tell;
  }

  /** Half of what is claimed ahead is used up: claims are to be large. */
  private boolean isWorthAClaim() {
    int freeSlots = slots - busy;
    return waiting.size() - freeSlots <= ahead / 2;
  }

  /**
   * How many steps to claim now: room beyond what waits, or 0 as long as a later claim would be a
   * larger one.
   *
   * @param places how many outcomes can be taken, with those of the steps that wait and run
   */
  int room(int places) {
    lock.lock();
    try {
      if (draining) {
        return 0;
      }
      ahead = prefetch.steps(runningNanos());
      int room = Math.min(slots + ahead, places) - busy - waiting.size();
      return isWorthAClaim() ? Math.max(0, room) : 0;
    } finally {
      lock.unlock();
    }
  }

  private long[] runningNanos() {
    long now = time.nanos();
    var nanos = new long[slots];
    for (int i = 0; i < slots; i++) {
      var work = running[i];
      nanos[i] = work == null ? 0 : Math.max(0, now - work.runningSince());
    }
    return nanos;
  }

  /** Asks for one call when a claim is worth it, on a guest thread. */
  void tellWhenRoom(Runnable listener) {
    lock.lock();
    try {
      onRoom = listener;
    } finally {
      lock.unlock();
    }
  }

  /** Takes out the steps that have waited too long for a slot. */
  List<Step> takeOverdue() {
    lock.lock();
    try {
      var oldest = waiting.peek();
      if (oldest == null) {
        return List.of();
      }
      long now = time.nanos();
      var overdue = new ArrayList<Step>();
      while (oldest != null && now - oldest.since() > overdueNanos) {
        overdue.add(waiting.remove().step());
        oldest = waiting.peek();
      }
      return overdue;
    } finally {
      lock.unlock();
    }
  }

  /** Every step that waits or runs and has not ended. */
  List<Step> owned() {
    lock.lock();
    try {
      var owned = new ArrayList<Step>(waiting.size() + busy);
      running().stream().filter(work -> !work.hasEnded()).map(Work::step).forEach(owned::add);
      waiting.forEach(work -> owned.add(work.step()));
      return owned;
    } finally {
      lock.unlock();
    }
  }

  /** Takes out what waits with these claims, and ends and names what waited or runs. */
  List<Work> endAll(Set<Claim> claims) {
    lock.lock();
    try {
      var lost = new ArrayList<Work>();
      waiting.removeIf(
          work -> claims.contains(work.step().claim()) && work.end() && lost.add(work));
      running().stream()
          .filter(work -> claims.contains(work.step().claim()) && work.end())
          .forEach(lost::add);
      return lost;
    } finally {
      lock.unlock();
    }
  }

  /** From now on nothing is added; takes out what waits. */
  List<Step> drain() {
    lock.lock();
    try {
      draining = true;
      var unstarted = waiting.stream().map(Work::step).toList();
      waiting.clear();
      return unstarted;
    } finally {
      lock.unlock();
    }
  }

  /** What runs now. */
  Collection<Work> snapshotOfRunning() {
    lock.lock();
    try {
      return running();
    } finally {
      lock.unlock();
    }
  }

  private List<Work> running() {
    var works = new ArrayList<Work>(busy);
    for (var work : running) {
      if (work != null) {
        works.add(work);
      }
    }
    return works;
  }

  int busy() {
    lock.lock();
    try {
      return busy;
    } finally {
      lock.unlock();
    }
  }

  int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing runs; false when the time is over first. */
  boolean awaitIdle(Duration atMost) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = atMost.toNanos();
      while (busy > 0 && nanos > 0) {
        nanos = idle.awaitNanos(nanos);
      }
      return busy == 0;
    } finally {
      lock.unlock();
    }
  }

  boolean isDraining() {
    lock.lock();
    try {
      return draining;
    } finally {
      lock.unlock();
    }
  }

  /** Lets every waiting slot end. */
  void close() {
    lock.lock();
    try {
      draining = true;
      closed = true;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
