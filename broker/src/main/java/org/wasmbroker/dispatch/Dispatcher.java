package org.wasmbroker.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.ServiceThread;
import org.wasmbroker.execution.StepRunner;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.report.OutcomeReporter;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.LifecycleEvent;
import org.wasmbroker.telemetry.ReportEvent.Reason;
import org.wasmbroker.telemetry.StepEvent;

/**
 * Runs steps: a slot is a thread, and a thread runs one step at a time. There are many slots, since
 * most steps wait for others most of their time; of the guests in them, only as many compute at
 * once as there are processors ({@link GuestPermit}).
 *
 * <p>Intake requests the {@link #capacity}, claims at most that many steps and hands them over.
 * Steps for which there is no free slot or not enough memory wait in the {@link AdmissionQueue}. A
 * step leaves in exactly one way: its outcome is reported, its lease is lost, or it is released,
 * because it waited too long or the broker drains. The slot is free as soon as the outcome is in
 * the reporter's backlog, before it is written.
 */
public final class Dispatcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);
  private static final String DRAINING = "draining";
  private static final String LEASE_LOST = "lease lost";
  private static final Duration FLUSH_BUDGET = Duration.ofSeconds(10);
  private static final Duration INTERRUPT_BUDGET = Duration.ofSeconds(5);

  private final int slots;
  private final int processors;
  private final long threadStackBytes;
  private final long memoryBytes;
  private final StepScheduler scheduler;
  private final StepRunner runner;
  private final OutcomeReporter reporter;
  private final EventSink events;
  private final List<ServiceThread> threads = new ArrayList<>(); // guarded by this
  private boolean started; // guarded by this
  private boolean closed; // guarded by this
  private final AtomicBoolean stalled = new AtomicBoolean();

  /**
   * @param threadStackBytes of a guest's thread: the engine's stack for guests and 1 MiB or more
   */
  public Dispatcher(
      DispatchConfig config,
      long threadStackBytes,
      HandlerResolver handlers,
      StepRunner runner,
      OutcomeReporter reporter,
      TimeSource time,
      EventSink events) {
    this.slots = config.slots();
    this.processors = config.processors();
    this.threadStackBytes = threadStackBytes;
    this.memoryBytes = config.memoryBytes();
    this.scheduler = new StepScheduler(config, handlers, time);
    this.runner = runner;
    this.reporter = reporter;
    this.events = events;
  }

  public synchronized void start() {
    if (closed || started) {
      throw new IllegalStateException("a dispatcher is started once");
    }
    started = true;
    scheduler.open(this::startThread);
  }

  /** A thread is started when its slot gets the first step, and stays. */
  private void startThread(int slot) {
    try {
      synchronized (this) {
        if (closed) {
          throw new IllegalStateException("the dispatcher is closed");
        }
        var thread =
            new ServiceThread("guest-" + (slot + 1), threadStackBytes, () -> runSlot(slot));
        thread.start();
        threads.add(thread);
      }
    } catch (Throwable noThread) {
      log.atError()
          .addKeyValue("slot", slot + 1)
          .setCause(noThread)
          .log("the thread of a slot could not be started; there will be no more slots");
      var unfinished = scheduler.notStarted(slot);
      if (unfinished != null) {
        giveBack(unfinished, noThread);
      }
    }
  }

  /** How many steps to claim now; 0 while it is better to wait. For the one thread that claims. */
  public int capacity() {
    return scheduler.capacity(reporter.capacity());
  }

  /** Calls the listener once, on a guest thread, when a claim is worthwhile. */
  public void notifyWhenCapacity(Runnable listener) {
    scheduler.notifyWhenCapacity(listener);
  }

  /**
   * Accepts claimed steps. While the broker drains, and if they cannot be queued, they are released
   * immediately.
   */
  public void accept(List<Step> steps) {
    if (steps.isEmpty()) {
      return;
    }
    boolean accepted = false;
    var reason = Reason.COULD_NOT_BE_QUEUED;
    try {
      accepted = scheduler.add(steps);
      reason = Reason.DRAINING;
    } finally {
      if (!accepted) {
        reporter.release(steps, reason);
      }
    }
  }

  /**
   * Releases the steps that have waited too long for a slot, so that other workers can run them.
   */
  public void releaseOverdue() {
    var overdue = scheduler.removeOverdue();
    if (!overdue.isEmpty()) {
      log.atInfo()
          .addKeyValue("steps", overdue.size())
          .log("steps that waited too long for a slot are released");
      reporter.release(overdue, Reason.WAITED_TOO_LONG);
    }
  }

  /** Whether steps start; a change is logged. */
  public Progress progress() {
    var progress = scheduler.progress();
    if (stalled.getAndSet(progress.isStalled()) != progress.isStalled()) {
      if (progress.isStalled()) {
        log.atError()
            .addKeyValue("waiting", progress.waiting())
            .log("the broker does not progress: {}", progress.describe());
      } else {
        log.info("the broker progresses again: {}", progress.describe());
      }
    }
    return progress;
  }

  /** Every step whose lease must be kept: waiting, running, or with an unwritten outcome. */
  public List<Step> owned() {
    // In this order: a step moves from the scheduler to the reporter, and is briefly in both.
    var owned = new LinkedHashMap<Claim, Step>();
    scheduler.owned().forEach(step -> owned.put(step.claim(), step));
    reporter.pending().forEach(step -> owned.put(step.claim(), step));
    return List.copyOf(owned.values());
  }

  /** Stops the steps of claims that were lost to other workers; their results are dropped. */
  public void leasesLost(Set<Claim> claims) {
    var ended = scheduler.endAll(claims);
    for (var queued : ended) {
      queued.cancellation().request(LEASE_LOST);
      log.atDebug()
          .addKeyValue("step", queued.step().id())
          .addKeyValue("handler", queued.step().handler())
          .log("the lease of a step was lost");
      events.on(new StepEvent.LeaseLost(queued.step()));
    }
    if (!ended.isEmpty()) {
      log.atWarn()
          .addKeyValue("steps", ended.size())
          .addKeyValue("step", ended.iterator().next().step().id())
          .log("the leases of steps were lost and their results are dropped; one is of this step");
    }
  }

  /**
   * Stops a step for whoever waits for it: it is released, at once if it waits, and when its guest
   * has stopped if it runs. Does nothing if it has ended.
   */
  public void cancel(Claim claim, String reason) {
    var waiting = scheduler.cancel(claim, reason);
    if (!waiting.isEmpty()) {
      reporter.release(waiting, Reason.NOT_STARTED);
    }
  }

  public int slots() {
    return slots;
  }

  /** How many guests compute at once at most. */
  public int processors() {
    return processors;
  }

  /** How many guests compute. */
  public int computing() {
    return scheduler.computing();
  }

  /** How many guests could go on and wait for others to let them compute. */
  public int waitingForPermit() {
    return scheduler.waitingForPermit();
  }

  /** How many steps are in flight. */
  public int running() {
    return scheduler.running();
  }

  /** How many steps are claimed ahead of free slots at the moment, at most. */
  public int prefetch() {
    return scheduler.prefetch();
  }

  /** How many claimed steps are waiting. */
  public int waiting() {
    return scheduler.waiting();
  }

  /** The memory budget of all running guests together, in bytes. */
  public long memoryBytes() {
    return memoryBytes;
  }

  /** The memory reserved for the running guests, in bytes. */
  public long memoryInUse() {
    return scheduler.memoryInUse();
  }

  /** How many claimed steps are waiting for memory that is reserved for others. */
  public int waitingForMemory() {
    return scheduler.waitingForMemory();
  }

  /**
   * Ends all work: waiting steps are released at once, running ones may continue for the grace
   * period and are then interrupted and released. No step is accepted afterwards.
   *
   * @return false when a guest could not be stopped; its step's lease expires
   */
  public boolean drain(Duration grace) {
    return drain(grace, INTERRUPT_BUDGET);
  }

  /**
   * @param interruptBudget how long guests may take to stop after they were interrupted
   */
  boolean drain(Duration grace, Duration interruptBudget) {
    var unstarted = scheduler.drain();
    events.on(new LifecycleEvent.DrainStarted(scheduler.running(), unstarted.size()));
    reporter.release(unstarted, Reason.DRAINING);
    boolean idle = awaitIdle(grace);
    if (!idle) {
      var overrun = scheduler.runningSnapshot();
      events.on(new LifecycleEvent.DrainOverrun(overrun.size()));
      for (var queued : overrun) {
        log.atWarn()
            .addKeyValue("step", queued.step().id())
            .addKeyValue("handler", queued.step().handler())
            .log("a step exceeded the grace period and is interrupted");
        queued.cancellation().request(DRAINING);
      }
      idle = awaitIdle(interruptBudget);
    }
    var unstoppable = scheduler.runningSnapshot();
    if (!unstoppable.isEmpty()) {
      events.on(new LifecycleEvent.DrainStuck(unstoppable.size()));
    }
    for (var stuck : unstoppable) {
      log.atError()
          .addKeyValue("step", stuck.step().id())
          .addKeyValue("handler", stuck.step().handler())
          .log(
              "a step could not be interrupted; it becomes available again when its lease expires");
    }
    return idle;
  }

  private boolean awaitIdle(Duration timeout) {
    try {
      return scheduler.awaitIdle(timeout);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void runSlot(int slot) {
    var unfinished = scheduler.vacate(slot);
    if (unfinished != null) {
      giveBack(unfinished, new IllegalStateException("its thread had failed"));
    }
    var queued = scheduler.next(slot, null);
    while (queued != null) {
      try {
        run(queued);
      } catch (RuntimeException | Error unexpected) {
        giveBack(queued, unexpected);
      }
      queued = scheduler.next(slot, queued);
    }
  }

  /**
   * Without this, nothing would end the claim of a step that no longer runs. If its outcome was
   * taken after all, whichever is written first counts.
   */
  private void giveBack(QueuedStep queued, Throwable unexpected) {
    log.atError()
        .addKeyValue("step", queued.step().id())
        .setCause(unexpected)
        .log("a step's outcome could not be reported; it is released");
    queued.tryEnd();
    reporter.release(List.of(queued.step()), Reason.NOT_REPORTED);
  }

  private void run(QueuedStep queued) {
    // An outcome that is lost with the process would look like a guest that was lost with it.
    boolean ready = !queued.runsAlone() || reporter.flush(FLUSH_BUDGET);
    var outcome =
        !ready
            ? null
            : runner.run(queued.step(), queued::resolution, queued.cancellation(), queued.permit());
    if (!queued.tryEnd()) {
      return;
    }
    if (outcome == null) {
      reporter.release(
          List.of(queued.step()), scheduler.isDraining() ? Reason.DRAINING : Reason.NOT_STARTED);
    } else {
      reporter.report(outcome);
      events.on(new StepEvent.Ended(outcome));
    }
  }

  /** Stops the guest threads, after draining without grace unless that was done before. */
  @Override
  public void close() {
    if (!scheduler.isDraining()) {
      drain(Duration.ZERO);
    }
    List<ServiceThread> all;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      all = List.copyOf(threads);
    }
    all.forEach(ServiceThread::stop);
    scheduler.close();
    for (var thread : all) {
      if (!thread.join(Duration.ofSeconds(1))) {
        log.error("{} has not stopped", thread.name());
      }
    }
  }
}
