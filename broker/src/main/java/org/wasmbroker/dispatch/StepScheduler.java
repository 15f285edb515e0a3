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
 * exactly one of the two, so that no snapshot misses one.
 */
final class StepScheduler {
  /** Steps that wait for this many prefetch windows were claimed too early. */
  private static final int OVERDUE_WINDOWS = 20;

  private static final long MIN_OVERDUE_NANOS = Duration.ofSeconds(1).toNanos();

  private final int slots;
  private final long overdueNanos;
  private final ModuleFinder modules;
  private final TimeSource time;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition available = lock.newCondition();
  private final Condition idle = lock.newCondition();

  // All below is guarded by the lock.
  private final MemoryBudget memory;
  private final AdmissionQueue waiting;
  private final @Nullable QueuedStep[] running;
  private final Prefetch prefetch;
  private int busy;
  private int prefetchTarget;
  private @Nullable Runnable capacityListener;
  private boolean draining;
  private boolean closed;

  StepScheduler(DispatchConfig config, HandlerResolver handlers, TimeSource time) {
    this.slots = config.slots();
    this.modules = new ModuleFinder(handlers, config.memoryBytes());
    this.memory = new MemoryBudget(config.memoryBytes());
    this.waiting = new AdmissionQueue(memory);
    this.overdueNanos =
        Math.max(
            MIN_OVERDUE_NANOS, config.prefetchWindow().multipliedBy(OVERDUE_WINDOWS).toNanos());
    this.time = time;
    this.running = new QueuedStep[slots];
    this.prefetch = new Prefetch(config.prefetchWindow().toNanos(), config.prefetchMax());
  }

  /** Adds the steps; false when none are accepted any more. */
  boolean add(List<Step> steps) {
    long now = time.nanos();
    var queuedSteps =
        steps.stream().map(step -> new QueuedStep(step, now, modules.findKnown(step))).toList();
    lock.lock();
    try {
      if (draining) {
        return false;
      }
      queuedSteps.forEach(waiting::add);
      if (busy < slots) {
        available.signalAll();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Frees the slot and waits for its next step. A module that is not known yet is resolved on this
   * thread while its step stays in the queue.
   *
   * @param finished what the slot ran before, or null at its start
   * @return null when the scheduler is closed
   */
  @Nullable QueuedStep next(int slot, @Nullable QueuedStep finished) {
    var done = finished;
    while (true) {
      @Nullable QueuedStep next;
      @Nullable Runnable listener;
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
          available.signal(); // the memory that this one leaves may be enough for another
        }
        listener = takeCapacityListener();
        if (next == null && listener == null) {
          if (closed) {
            return null;
          }
          available.awaitUninterruptibly();
        }
      } finally {
        lock.unlock();
      }
      if (listener != null) {
        listener.run();
      }
      if (next != null) {
        if (next.isResolved()) {
          return next;
        }
        resolve(next);
      }
    }
  }

  private void resolve(QueuedStep queued) {
    var module = modules.find(queued.step());
    lock.lock();
    try {
      waiting.resolved(queued, module);
    } finally {
      lock.unlock();
    }
  }

  private void free(int slot, QueuedStep done, long now) {
    prefetch.recordRun(now - done.startedAt());
    running[slot] = null;
    memory.release(done.memoryBytes());
    busy--;
    if (busy == 0) {
      idle.signalAll();
    }
  }

  private void start(int slot, QueuedStep next, long now) {
    next.start(now);
    running[slot] = next;
    busy++;
  }

  private @Nullable Runnable takeCapacityListener() {
    var listener = capacityListener;
    if (listener == null || !isWorthClaiming() || currentCapacity() <= 0) {
      return null;
    }
    capacityListener = null;
    return listener;
  }

  /** Half of the prefetched steps are used up: claims should be large. */
  private boolean isWorthClaiming() {
    int freeSlots = slots - busy;
    return waiting.size() - freeSlots <= prefetchTarget / 2;
  }

  /**
   * How many steps to claim now: the capacity beyond the waiting steps, or 0 as long as a later
   * claim would be a larger one.
   *
   * @param reportCapacity how many outcomes the reporter can take, including those of waiting and
   *     running steps
   */
  int capacity(int reportCapacity) {
    lock.lock();
    try {
      if (draining) {
        return 0;
      }
      prefetchTarget = prefetch.steps(runningNanos());
      int capacity = Math.min(currentCapacity(), reportCapacity - busy - waiting.size());
      return isWorthClaiming() ? Math.max(0, capacity) : 0;
    } finally {
      lock.unlock();
    }
  }

  private int currentCapacity() {
    return Math.min(
        slots + prefetchTarget - busy - waiting.size(), waiting.capacity(prefetchTarget, slots));
  }

  private long[] runningNanos() {
    long now = time.nanos();
    var nanos = new long[slots];
    for (int i = 0; i < slots; i++) {
      var queued = running[i];
      nanos[i] = queued == null ? 0 : Math.max(0, now - queued.startedAt());
    }
    return nanos;
  }

  /** Calls the listener once, on a guest thread, when a claim is worthwhile. */
  void notifyWhenCapacity(Runnable listener) {
    lock.lock();
    try {
      capacityListener = listener;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Removes the steps that have waited too long. The first one that waits for memory stays: it
   * would never start if it lost its position each time.
   */
  List<Step> removeOverdue() {
    lock.lock();
    try {
      if (waiting.isEmpty()) {
        return List.of();
      }
      var overdue = steps(waiting.removeOlderThan(overdueNanos, time.nanos()));
      if (!overdue.isEmpty()) {
        available.signalAll(); // a removed step may have had priority
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
      running().stream()
          .filter(queued -> !queued.hasEnded())
          .map(QueuedStep::step)
          .forEach(owned::add);
      waiting.all().forEach(queued -> owned.add(queued.step()));
      return owned;
    } finally {
      lock.unlock();
    }
  }

  /** Removes the waiting steps with these claims, and ends and returns all of these claims. */
  List<QueuedStep> endAll(Set<Claim> claims) {
    lock.lock();
    try {
      var lost = new ArrayList<QueuedStep>();
      waiting.removeIf(
          queued -> claims.contains(queued.step().claim()) && queued.tryEnd() && lost.add(queued));
      available.signalAll(); // a removed step may have had priority
      running().stream()
          .filter(queued -> claims.contains(queued.step().claim()) && queued.tryEnd())
          .forEach(lost::add);
      return lost;
    } finally {
      lock.unlock();
    }
  }

  /** Accepts no steps from now on; removes and returns the waiting ones. */
  List<Step> drain() {
    lock.lock();
    try {
      draining = true;
      return steps(waiting.removeAll());
    } finally {
      lock.unlock();
    }
  }

  private static List<Step> steps(List<QueuedStep> queuedSteps) {
    return queuedSteps.stream().map(QueuedStep::step).toList();
  }

  /** The running steps. */
  Collection<QueuedStep> runningSnapshot() {
    lock.lock();
    try {
      return running();
    } finally {
      lock.unlock();
    }
  }

  private List<QueuedStep> running() {
    var queuedSteps = new ArrayList<QueuedStep>(busy);
    for (var queued : running) {
      if (queued != null) {
        queuedSteps.add(queued);
      }
    }
    return queuedSteps;
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

  /** The memory reserved for running steps, in bytes. */
  long memoryInUse() {
    lock.lock();
    try {
      return memory.inUse();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing runs; false when the timeout elapses first. */
  boolean awaitIdle(Duration timeout) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = timeout.toNanos();
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

  /** Ends the wait of every slot. */
  void close() {
    lock.lock();
    try {
      draining = true;
      closed = true;
      available.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
