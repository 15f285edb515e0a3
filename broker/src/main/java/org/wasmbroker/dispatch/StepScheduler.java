package org.wasmbroker.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.dispatch.ModuleFinder.FoundModule;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.ComputePermit;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;

/**
 * The steps that wait for a slot and those that run in one, under one lock: a step is always in
 * exactly one of the two, so that no snapshot misses one. The lock also guards who computes: a
 * permit that becomes free goes to a guest that waits for it, or a waiting step starts with it, on
 * the thread of a slot. A step whose module is not known yet waits apart: the module is looked up
 * on a virtual thread, one for each handler, never on a slot's, so that a compilation delays no
 * step of another handler.
 */
final class StepScheduler implements PermitQueue {
  /** Steps that wait for this many prefetch windows were claimed too early. */
  private static final int OVERDUE_WINDOWS = 20;

  private static final long MIN_OVERDUE_NANOS = Duration.ofSeconds(1).toNanos();

  /**
   * A guest that waits keeps this much besides its memory: its stack, and what the host buffers.
   */
  private static final long WAITING_BYTES = 256 << 10;

  /**
   * Of all steps in flight, beyond as many as compute at once: each has its document as bytes, as
   * text and as what is read from it on the Java heap.
   */
  private static final long MAX_DOCUMENT_BYTES = Runtime.getRuntime().maxMemory() / 12;

  /** What it costs to let another guest compute counts as computed by the one that waits. */
  private static final long SWITCH_NANOS = 10_000;

  private final long overdueNanos;
  private final Duration stallAfter;
  private final long sliceNanos;
  private final ModuleFinder modules;
  private final TimeSource time;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();

  // All below is guarded by the lock.
  private final MemoryBudget memory;
  private final AdmissionQueue waiting;
  private final LoadingSteps loading = new LoadingSteps();
  private final RunningSteps running;
  private final IdleSlots idleSlots;
  private final ComputePermits permits;
  private final @Nullable QueuedStep[] assigned;
  private final @Nullable Condition[] wakeups;
  private final LoneRuns lone;
  private final ClaimCapacity capacity;
  private final StallDetector stall = new StallDetector();
  private @Nullable IntConsumer threads; // null until the slots are opened
  private boolean draining;
  private boolean closed;

  /** Whether a guest or a step waits for a permit. Written under the lock. */
  private volatile boolean contended;

  StepScheduler(DispatchConfig config, HandlerResolver handlers, TimeSource time) {
    this.modules = new ModuleFinder(handlers, config.memoryBytes());
    this.memory = new MemoryBudget(config.memoryBytes());
    this.running = new RunningSteps(config.slots());
    this.idleSlots = new IdleSlots(config.slots());
    this.permits =
        new ComputePermits(
            Math.min(config.processors(), config.slots()), config.slice(), time.nanos());
    this.assigned = new QueuedStep[config.slots()];
    this.wakeups = new Condition[config.slots()];
    this.lone = new LoneRuns(running, time);
    this.waiting = new AdmissionQueue(memory, lone);
    this.stallAfter = config.stallAfter();
    this.sliceNanos = config.slice().toNanos();
    this.overdueNanos =
        Math.max(
            MIN_OVERDUE_NANOS, config.prefetchWindow().multipliedBy(OVERDUE_WINDOWS).toNanos());
    this.time = time;
    this.capacity =
        new ClaimCapacity(
            waiting,
            loading,
            running,
            permits,
            new Prefetch(config.prefetchWindow().toNanos(), config.prefetchMax()));
  }

  /** Adds the steps; false when none are accepted any more. */
  boolean add(List<Step> steps) {
    long now = time.nanos();
    var queuedSteps = steps.stream().map(step -> newStep(step, now)).toList();
    var lookups = new ArrayList<HandlerRef>();
    lock.lock();
    try {
      if (draining) {
        return false;
      }
      capacity.recordClaim(steps);
      for (var queued : queuedSteps) {
        if (queued.isResolved()) {
          waiting.add(queued);
        } else {
          addLoading(queued, now, lookups);
        }
      }
      allot(now);
    } finally {
      lock.unlock();
    }
    startThreads();
    lookups.forEach(this::startLookup);
    return true;
  }

  private QueuedStep newStep(Step step, long now) {
    var cancellation = new Cancellation();
    return new QueuedStep(
        step,
        now,
        modules.findKnown(step),
        cancellation,
        new GuestPermit(this, cancellation, step.timeout()));
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
      allot(now);
    } finally {
      lock.unlock();
    }
    startThreads();
    lookups.forEach(this::startLookup);
  }

  /** Under the lock. */
  private void addLoading(QueuedStep queued, long now, List<HandlerRef> lookups) {
    var routed = modules.route(queued.step());
    if (loading.add(routed, queued, now)) {
      lookups.add(routed);
    }
  }

  /**
   * Lets steps start.
   *
   * @param starter starts the thread of a slot, which calls {@link #next}
   */
  void open(IntConsumer starter) {
    lock.lock();
    try {
      threads = starter;
      allot(time.nanos());
    } finally {
      lock.unlock();
    }
    startThreads();
  }

  /**
   * Under the lock: lets the permits that are free be used, by guests that wait for one and by
   * steps that wait for a slot.
   */
  private void allot(long now) {
    while (permits.free() > 0 && (grant(permits.takeFirst(memory, now), now) || startNext(now))) {
      // until there is nobody left who could use one
    }
    while (permits.free() > 0 && grant(permits.takeLast(memory), now)) {
      // those that have computed for long
    }
    contended = permits.hasWaiting() || !waiting.isEmpty();
  }

  private boolean grant(@Nullable GuestPermit waiter, long now) {
    if (waiter == null) {
      return false;
    }
    memory.reserve(waiter.missingBytes());
    permits.take();
    waiter.granted(now);
    return true;
  }

  /** Starts the next step in a slot, if one can start. */
  private boolean startNext(long now) {
    if (!maySlotsStart()) {
      return false;
    }
    var next = waiting.next();
    if (next == null) {
      return false;
    }
    int slot = idleSlots.take();
    permits.take();
    next.permit().start(next.memoryBytes(), now);
    running.start(slot, next, now);
    assigned[slot] = next;
    wake(slot);
    return true;
  }

  private boolean maySlotsStart() {
    return threads != null && !idleSlots.isEmpty() && hasMemoryForSteps();
  }

  /** Whether a step may start, as far as those in flight are concerned. */
  private boolean hasMemoryForSteps() {
    return !permits.isShortOfMemory(memory)
        && (running.count() < permits.count() || running.documentBytes() <= MAX_DOCUMENT_BYTES);
  }

  private void wake(int slot) {
    var wakeup = wakeups[slot];
    if (wakeup != null) {
      wakeup.signal();
    }
  }

  /** Starts the threads of the slots that got a step and have none. Not under the lock. */
  private void startThreads() {
    while (true) {
      IntConsumer starter;
      int slot;
      lock.lock();
      try {
        starter = threads;
        if (starter == null || !idleSlots.hasUnstarted()) {
          return;
        }
        slot = idleSlots.takeUnstarted();
      } finally {
        lock.unlock();
      }
      starter.accept(slot);
    }
  }

  /** The thread of a slot could not be started; returns the step that it was to run, or null. */
  @Nullable QueuedStep notStarted(int slot) {
    lock.lock();
    try {
      idleSlots.limitToStarted();
      assigned[slot] = null;
    } finally {
      lock.unlock();
    }
    return vacate(slot);
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
        if (assigned[slot] == null) {
          idleSlots.add(slot);
          allot(now);
        }
        next = assigned[slot];
        assigned[slot] = null;
        listener = capacity.takeListener(now);
        if (next == null && listener == null) {
          if (closed) {
            return null;
          }
          awaitStep(slot);
        }
      } finally {
        lock.unlock();
      }
      startThreads();
      if (listener != null) {
        listener.run();
      }
      if (next != null) {
        return next;
      }
    }
  }

  /** May return early; the caller looks for a step again. */
  @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
  private void awaitStep(int slot) {
    var wakeup = wakeups[slot];
    if (wakeup == null) {
      wakeup = lock.newCondition();
      wakeups[slot] = wakeup;
    }
    wakeup.awaitUninterruptibly();
  }

  @Override
  public void giveBack(GuestPermit permit, long memoryBytes) {
    @Nullable Runnable listener;
    lock.lock();
    try {
      if (!permit.isHeld()) {
        return;
      }
      long now = time.nanos();
      permit.returned(now, SWITCH_NANOS);
      permits.giveBack(permit);
      memory.release(
          permit.shrink(
              memoryBytes == ComputePermit.MEMORY_UNKNOWN
                  ? memoryBytes
                  : memoryBytes + WAITING_BYTES));
      allot(now);
      listener = capacity.takeListener(now);
    } finally {
      lock.unlock();
    }
    startThreads();
    if (listener != null) {
      listener.run();
    }
  }

  @Override
  public boolean request(GuestPermit permit) {
    lock.lock();
    try {
      if (!permit.isHeld()) {
        waitForPermit(permit, time.nanos());
      }
      return permit.isHeld();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean tick(GuestPermit permit) {
    lock.lock();
    try {
      long now = time.nanos();
      if (!permit.isHeld()) {
        return true; // it was cancelled while it waited; its guest is stopped now
      }
      boolean startable = maySlotsStart() && waiting.hasStartable();
      if (permits.givesWay(permit, startable, memory, now)) {
        permit.returned(now, 0);
        permits.giveBack(permit);
        waitForPermit(permit, now);
      }
      return permit.isHeld();
    } finally {
      lock.unlock();
      startThreads();
    }
  }

  private void waitForPermit(GuestPermit permit, long now) {
    permit.waits(now);
    permits.addWaiting(permit);
    allot(now);
  }

  @Override
  public boolean hasComputedForLong(GuestPermit permit) {
    return permit.computed(time.nanos()) >= sliceNanos;
  }

  @Override
  public void withdraw(GuestPermit permit) {
    lock.lock();
    try {
      if (permits.removeWaiting(permit)) {
        permit.endWait(time.nanos());
        allot(time.nanos()); // others may have waited for its memory
      }
    } finally {
      lock.unlock();
    }
    startThreads();
  }

  @Override
  public boolean isContended() {
    return contended;
  }

  /**
   * Frees a slot whose thread has failed; returns the step that it ran, or null. A step that is
   * still to be run by it stays.
   */
  @Nullable QueuedStep vacate(int slot) {
    lock.lock();
    try {
      var unfinished = assigned[slot] == null ? running.in(slot) : null;
      if (unfinished != null) {
        free(slot, unfinished, time.nanos());
        allot(time.nanos());
      }
      return unfinished;
    } finally {
      lock.unlock();
      startThreads();
    }
  }

  private void free(int slot, QueuedStep done, long now) {
    var permit = done.permit();
    capacity.recordRun(now - done.startedAt(), permit.computed(now));
    if (permit.isHeld()) {
      permit.returned(now, 0);
      permits.giveBack(permit);
    }
    permits.removeWaiting(permit);
    running.end(slot);
    lone.ended(done);
    memory.release(permit.reservedBytes());
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
        allot(time.nanos()); // a removed step may have had priority
      }
      return overdue;
    } finally {
      lock.unlock();
      startThreads();
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
      running.all().stream()
          .filter(queued -> claims.contains(queued.step().claim()) && queued.tryEnd())
          .forEach(lost::add);
      allot(time.nanos()); // a removed step may have had priority
      return lost;
    } finally {
      lock.unlock();
      startThreads();
    }
  }

  /**
   * Stops the guest of the step with this claim, if it runs.
   *
   * @return the step, which is removed, if it waited
   */
  List<Step> cancel(Claim claim, String reason) {
    Predicate<QueuedStep> has = queued -> queued.step().claim().equals(claim);
    var removed = new ArrayList<QueuedStep>(1);
    Predicate<QueuedStep> leaves = queued -> has.test(queued) && removed.add(queued);
    List<QueuedStep> stopped;
    lock.lock();
    try {
      waiting.removeIf(leaves);
      loading.removeIf(leaves);
      stopped = running.all().stream().filter(has).toList();
      allot(time.nanos()); // a removed step may have had priority
    } finally {
      lock.unlock();
      startThreads();
    }
    stopped.forEach(queued -> queued.cancellation().request(reason));
    return steps(removed);
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

  /** How many guests compute. */
  int computing() {
    lock.lock();
    try {
      return permits.count() - permits.free();
    } finally {
      lock.unlock();
    }
  }

  /** How many guests could go on and wait for others to let them compute. */
  int waitingForPermit() {
    lock.lock();
    try {
      return permits.waiting();
    } finally {
      lock.unlock();
    }
  }

  int prefetch() {
    lock.lock();
    try {
      return capacity.prefetch();
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
      var overrunning = running.overrunning(stallAfter.toNanos(), now);
      int holding = (int) overrunning.stream().filter(step -> step.permit().isHeld()).count();
      // What waits for a guest that should have ended long ago could start, too.
      boolean startable =
          running.freeSlots() > 0
              && !draining
              && hasMemoryForSteps()
              && (permits.free() > 0 || holding > 0)
              && (waiting.hasStartable() || (!overrunning.isEmpty() && waiting.size() > 0));
      return new Progress(
          stall.observe(startable, running.starts(), now),
          waiting.size(),
          overrunning.size(),
          running.slots(),
          holding == permits.count(),
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
      for (int slot = 0; slot < wakeups.length; slot++) {
        wake(slot);
      }
    } finally {
      lock.unlock();
    }
  }
}
