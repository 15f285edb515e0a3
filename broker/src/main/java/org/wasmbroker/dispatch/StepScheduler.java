package org.wasmbroker.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.dispatch.ModuleFinder.FoundModule;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;

/**
 * The steps that wait for a slot and those that run in one, under one lock: a step is always in
 * exactly one of the two, so that no snapshot misses one. A step whose module is not known yet
 * waits apart: the module is looked up on a virtual thread, one for each handler, never on a
 * slot's, so that a compilation delays no step of another handler.
 */
final class StepScheduler {
  /** Steps that wait for this many prefetch windows were claimed too early. */
  private static final int OVERDUE_WINDOWS = 20;

  private static final long MIN_OVERDUE_NANOS = Duration.ofSeconds(1).toNanos();

  private final long overdueNanos;
  private final Duration stallAfter;
  private final ModuleFinder modules;
  private final TimeSource time;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition available = lock.newCondition();
  private final Condition idle = lock.newCondition();

  // All below is guarded by the lock.
  private final MemoryBudget memory;
  private final AdmissionQueue waiting;
  private final LoadingSteps loading = new LoadingSteps();
  private final RunningSteps running;
  private final LoneRuns lone;
  private final ClaimCapacity capacity;
  private final StallDetector stall = new StallDetector();
  private boolean draining;
  private boolean closed;

  StepScheduler(DispatchConfig config, HandlerResolver handlers, TimeSource time) {
    this.modules = new ModuleFinder(handlers, config.memoryBytes());
    this.memory = new MemoryBudget(config.memoryBytes());
    this.running = new RunningSteps(config.slots());
    this.lone = new LoneRuns(running, time);
    this.waiting = new AdmissionQueue(memory, lone);
    this.stallAfter = config.stallAfter();
    this.overdueNanos =
        Math.max(
            MIN_OVERDUE_NANOS, config.prefetchWindow().multipliedBy(OVERDUE_WINDOWS).toNanos());
    this.time = time;
    this.capacity =
        new ClaimCapacity(
            waiting,
            loading,
            running,
            new Prefetch(config.prefetchWindow().toNanos(), config.prefetchMax()));
  }

  /** Adds the steps; false when none are accepted any more. */
  boolean add(List<Step> steps) {
    long now = time.nanos();
    var queuedSteps =
        steps.stream().map(step -> new QueuedStep(step, now, modules.findKnown(step))).toList();
    var lookups = new ArrayList<HandlerRef>();
    lock.lock();
    try {
      if (draining) {
        return false;
      }
      for (var queued : queuedSteps) {
        if (queued.isResolved()) {
          waiting.add(queued);
        } else {
          addLoading(queued, now, lookups);
        }
      }
      signalWaitingSlots();
    } finally {
      lock.unlock();
    }
    lookups.forEach(this::startLookup);
    return true;
  }

  private void startLookup(HandlerRef routed) {
    try {
      Thread.ofVirtual().name("module-lookup").start(() -> endLookup(routed, modules.find(routed)));
    } catch (Throwable noThread) {
      endLookup(routed, _ -> ModuleFinder.failed(noThread)); // no step waits for ever
    }
  }

  private void endLookup(HandlerRef routed, Function<Step, @Nullable FoundModule> found) {
    long now = time.nanos();
    var lookups = new ArrayList<HandlerRef>();
    lock.lock();
    try {
      for (var queued : loading.end(routed)) {
        var module = found.apply(queued.step());
        if (module == null) {
          addLoading(queued, now, lookups);
        } else {
          queued.resolved(module, now);
          waiting.add(queued);
        }
      }
      signalWaitingSlots();
    } finally {
      lock.unlock();
    }
    lookups.forEach(this::startLookup);
  }

  /** Under the lock. */
  private void addLoading(QueuedStep queued, long now, List<HandlerRef> lookups) {
    var routed = modules.route(queued.step());
    if (loading.add(routed, queued, now)) {
      lookups.add(routed);
    }
  }

  private void signalWaitingSlots() {
    if (running.freeSlots() > 0) {
      available.signalAll();
    }
  }

  /**
   * Frees the slot and waits for its next step.
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
        boolean blocked = waiting.isBlocked();
        next = waiting.next();
        if (next != null) {
          running.start(slot, next, now);
          if (blocked && running.freeSlots() > 0) {
            available.signal(); // the memory that this one leaves may be enough for another
          }
        }
        listener = capacity.takeListener(now);
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
        return next;
      }
    }
  }

  /** Frees a slot whose thread has failed; returns the step that it was to run, or null. */
  @Nullable QueuedStep vacate(int slot) {
    lock.lock();
    try {
      var unfinished = running.in(slot);
      if (unfinished != null) {
        free(slot, unfinished, time.nanos());
      }
      return unfinished;
    } finally {
      lock.unlock();
    }
  }

  private void free(int slot, QueuedStep done, long now) {
    capacity.recordRun(now - done.startedAt());
    running.end(slot);
    lone.ended(done);
    memory.release(done.memoryBytes());
    if (running.count() == 0) {
      idle.signalAll();
    }
  }

  /**
   * How many steps to claim now.
   *
   * @param reportCapacity how many outcomes the reporter can take, including those of waiting and
   *     running steps
   */
  int capacity(int reportCapacity) {
    lock.lock();
    try {
      return draining ? 0 : capacity.steps(reportCapacity, time.nanos());
    } finally {
      lock.unlock();
    }
  }

  /** Calls the listener once, on a guest thread, when a claim is worthwhile. */
  void notifyWhenCapacity(Runnable listener) {
    lock.lock();
    try {
      capacity.listener(listener);
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
      var owned = new ArrayList<Step>(waiting.size() + loading.size() + running.count());
      running.all().stream()
          .filter(queued -> !queued.hasEnded())
          .map(QueuedStep::step)
          .forEach(owned::add);
      waiting.all().forEach(queued -> owned.add(queued.step()));
      loading.all().forEach(queued -> owned.add(queued.step()));
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
      Predicate<QueuedStep> loses =
          queued -> claims.contains(queued.step().claim()) && queued.tryEnd() && lost.add(queued);
      waiting.removeIf(loses);
      loading.removeIf(loses);
      available.signalAll(); // a removed step may have had priority
      running.all().stream()
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
      var unstarted = new ArrayList<>(waiting.removeAll());
      unstarted.addAll(loading.removeAll());
      return steps(unstarted);
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
      return running.all();
    } finally {
      lock.unlock();
    }
  }

  int running() {
    lock.lock();
    try {
      return running.count();
    } finally {
      lock.unlock();
    }
  }

  int waiting() {
    lock.lock();
    try {
      return waiting.size() + loading.size();
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

  /** Whether steps start. */
  Progress progress() {
    lock.lock();
    try {
      long now = time.nanos();
      int overrunning = running.overrunning(stallAfter.toNanos(), now);
      // What waits for a guest that should have ended long ago could start, too.
      boolean startable =
          running.freeSlots() > 0
              && !draining
              && (waiting.hasStartable() || (overrunning > 0 && waiting.size() > 0));
      return new Progress(
          stall.observe(startable, running.starts(), now),
          waiting.size(),
          overrunning,
          running.slots(),
          stallAfter);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing runs; false when the timeout elapses first. */
  boolean awaitIdle(Duration timeout) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = timeout.toNanos();
      while (running.count() > 0 && nanos > 0) {
        nanos = idle.awaitNanos(nanos);
      }
      return running.count() == 0;
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
