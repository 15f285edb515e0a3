package org.wasmbroker.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.HandlerResolver;
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
  private final ModuleFinder modules;
  private final TimeSource time;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition idle = lock.newCondition();

  // All below is guarded by the lock.
  private final MemoryBudget memory;
  private final WaitingLine waiting;
  private final @Nullable Work[] running;
  private final Prefetch prefetch;
  private int busy;
  private int ahead;
  private @Nullable Runnable onRoom;
  private boolean draining;
  private boolean closed;

  WorkQueue(DispatchConfig config, HandlerResolver handlers, TimeSource time) {
    this.slots = config.slots();
    this.modules = new ModuleFinder(handlers, config.memoryBytes());
    this.memory = new MemoryBudget(config.memoryBytes());
    this.waiting = new WaitingLine(memory);
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
    var works = steps.stream().map(step -> new Work(step, now, modules.known(step))).toList();
    lock.lock();
    try {
      if (draining) {
        return false;
      }
      works.forEach(waiting::add);
      if (busy < slots) {
        arrived.signalAll();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Frees the slot and waits for the next work for it. Where a step's module is not known, it is
   * looked for on this thread while the step stays in line.
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
        boolean stalled = waiting.isStalled();
        next = waiting.next();
        if (next != null && next.isResolved()) {
          start(slot, next, now);
        }
        if (next != null && stalled && busy < slots) {
          arrived.signal(); // what this one leaves of the memory may do for another
        }
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
        if (next.isResolved()) {
          return next;
        }
        resolve(next);
      }
    }
  }

  private void resolve(Work work) {
    var found = modules.find(work.step());
    lock.lock();
    try {
      waiting.resolved(work, found);
    } finally {
      lock.unlock();
    }
  }

  private void free(int slot, Work done, long now) {
    prefetch.ran(now - done.runningSince());
    running[slot] = null;
    memory.giveBack(done.memory());
    busy--;
    if (busy == 0) {
      idle.signalAll();
    }
  }

  private void start(int slot, Work next, long now) {
    next.start(now);
    running[slot] = next;
    busy++;
  }

  private @Nullable Runnable whoWantsRoom() {
    var tell = onRoom;
    if (tell == null || !isWorthAClaim() || roomNow() <= 0) {
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
      int room = Math.min(roomNow(), places - busy - waiting.size());
      return isWorthAClaim() ? Math.max(0, room) : 0;
    } finally {
      lock.unlock();
    }
  }

  private int roomNow() {
    return Math.min(slots + ahead - busy - waiting.size(), waiting.room(ahead, slots));
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

  /**
   * Takes out the steps that have waited too long. The first one that waits for memory stays: it
   * would never get its turn if it lost its place each time.
   */
  List<Step> takeOverdue() {
    lock.lock();
    try {
      if (waiting.isEmpty()) {
        return List.of();
      }
      var overdue = steps(waiting.takeOlderThan(overdueNanos, time.nanos()));
      if (!overdue.isEmpty()) {
        arrived.signalAll(); // it may have been the turn of one that is gone
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
      waiting.all().forEach(work -> owned.add(work.step()));
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
      waiting.remove(work -> claims.contains(work.step().claim()) && work.end() && lost.add(work));
      arrived.signalAll(); // it may have been the turn of one that is gone
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
      return steps(waiting.takeAll());
    } finally {
      lock.unlock();
    }
  }

  private static List<Step> steps(List<Work> works) {
    return works.stream().map(Work::step).toList();
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

  int waitingForMemory() {
    lock.lock();
    try {
      return waiting.waitingForMemory();
    } finally {
      lock.unlock();
    }
  }

  /** The bytes of memory that are promised to what runs. */
  long memoryInUse() {
    lock.lock();
    try {
      return memory.inUse();
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
