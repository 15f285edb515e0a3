package org.wasmbroker.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.Threads;
import org.wasmbroker.execution.StepRunner;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.report.OutcomeReporter;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.LifecycleEvent;
import org.wasmbroker.telemetry.StepEvent;

/**
 * Runs steps: a slot is a thread, and a thread runs one step at a time.
 *
 * <p>Intake asks for {@link #capacity}, claims at most that many steps and hands them over; those
 * that find no free slot, or not the memory that they may use, wait in line ({@link
 * AdmissionQueue}). A step leaves in exactly one way: its outcome is reported, its lease is lost,
 * or it is given back, because it waited too long or the broker drains. The slot is free as soon as
 * the outcome is in the reporter's backlog, before it is written.
 */
public final class Dispatcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);
  private static final String DRAINING = "draining";
  private static final String LEASE_LOST = "lease lost";
  private static final Duration INTERRUPT_BUDGET = Duration.ofSeconds(5);

  private final int slots;
  private final long threadStackBytes;
  private final long memoryBytes;
  private final StepScheduler scheduler;
  private final StepRunner runner;
  private final OutcomeReporter reporter;
  private final EventSink events;
  private final List<Thread> threads = new ArrayList<>(); // guarded by this
  private boolean closed; // guarded by this

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
    this.threadStackBytes = threadStackBytes;
    this.memoryBytes = config.memoryBytes();
    this.scheduler = new StepScheduler(config, handlers, time);
    this.runner = runner;
    this.reporter = reporter;
    this.events = events;
  }

  public synchronized void start() {
    if (closed || !threads.isEmpty()) {
      throw new IllegalStateException("a dispatcher is started once");
    }
    for (int i = 0; i < slots; i++) {
      int slot = i;
      threads.add(
          Thread.ofPlatform()
              .name("guest-" + (slot + 1))
              .stackSize(threadStackBytes)
              .daemon(true)
              .start(() -> runSlot(slot)));
    }
  }

  /** How many steps to claim now; 0 while it is better to wait. One thread claims. */
  public int capacity() {
    return scheduler.capacity(reporter.capacity());
  }

  /** Asks for one call of the listener, on a guest thread, when a claim is worth it. */
  public void notifyWhenCapacity(Runnable listener) {
    scheduler.notifyWhenCapacity(listener);
  }

  /** Takes claimed steps over. While the broker drains they are given back at once. */
  public void accept(List<Step> steps) {
    if (!steps.isEmpty() && !scheduler.add(steps)) {
      reporter.release(steps, DRAINING);
    }
  }

  /** Gives back the steps that have waited too long for a slot, for other workers to take. */
  public void releaseOverdue() {
    var overdue = scheduler.removeOverdue();
    if (!overdue.isEmpty()) {
      log.atInfo()
          .addKeyValue("steps", overdue.size())
          .log("steps waited too long for a slot and are given back");
      reporter.release(overdue, "waited too long");
    }
  }

  /** Every step whose lease counts: waiting, running, or with an outcome not yet written. */
  public List<Step> owned() {
    // In this order: a step goes from the queue to the reports, and is in both for a moment.
    var owned = new LinkedHashMap<Claim, Step>();
    scheduler.owned().forEach(step -> owned.put(step.claim(), step));
    reporter.pending().forEach(step -> owned.put(step.claim(), step));
    return List.copyOf(owned.values());
  }

  /** Stops the steps of these claims, which are another worker's now; their results are dropped. */
  public void leasesLost(Set<Claim> claims) {
    for (var queued : scheduler.endAll(claims)) {
      queued.cancellation().request(LEASE_LOST);
      log.atWarn()
          .addKeyValue("step", queued.step().id())
          .addKeyValue("handler", queued.step().handler())
          .log("the lease of a step was lost; its result is dropped");
      events.on(new StepEvent.LeaseLost(queued.step()));
    }
  }

  public int slots() {
    return slots;
  }

  /** How many steps run now. */
  public int running() {
    return scheduler.busy();
  }

  /** How many claimed steps wait for a slot. */
  public int waiting() {
    return scheduler.waiting();
  }

  /** The bytes of memory that guests may use together. */
  public long memoryBytes() {
    return memoryBytes;
  }

  /** The bytes of memory that the guests that run now may use. */
  public long memoryInUse() {
    return scheduler.memoryInUse();
  }

  /** How many claimed steps wait for memory that others may use. */
  public int waitingForMemory() {
    return scheduler.waitingForMemory();
  }

  /**
   * Ends all work: what waits is given back at once, what runs may go on for the grace period and
   * is then interrupted and given back. No step is taken afterwards.
   *
   * @return false when a guest could not be stopped; its step's lease ends by itself
   */
  public boolean drain(Duration grace) {
    var unstarted = scheduler.drain();
    events.on(new LifecycleEvent.DrainStarted(scheduler.busy(), unstarted.size()));
    reporter.release(unstarted, DRAINING);
    boolean idle = awaitIdle(grace);
    if (!idle) {
      for (var queued : scheduler.runningSnapshot()) {
        log.atWarn()
            .addKeyValue("step", queued.step().id())
            .addKeyValue("handler", queued.step().handler())
            .log("a step outlived the grace period and is interrupted");
        queued.cancellation().request(DRAINING);
      }
      idle = awaitIdle(INTERRUPT_BUDGET);
    }
    for (var stuck : scheduler.runningSnapshot()) {
      log.atError()
          .addKeyValue("step", stuck.step().id())
          .addKeyValue("handler", stuck.step().handler())
          .log("a step could not be interrupted; it is ready again when its lease ends");
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
    var queued = scheduler.next(slot, null);
    while (queued != null) {
      try {
        run(queued);
      } catch (RuntimeException | Error unexpected) {
        log.atError()
            .addKeyValue("step", queued.step().id())
            .setCause(unexpected)
            .log("a step's end could not be told; it is ready again when its lease ends");
      }
      queued = scheduler.next(slot, queued);
    }
  }

  private void run(QueuedStep queued) {
    var outcome = runner.run(queued.step(), queued::resolution, queued.cancellation());
    if (!queued.tryEnd()) {
      return;
    }
    if (outcome == null) {
      reporter.release(List.of(queued.step()), DRAINING);
    } else {
      reporter.report(outcome);
      events.on(new StepEvent.Ended(outcome));
    }
  }

  /** Ends the guest threads. Drains without grace if nobody has drained. */
  @Override
  public void close() {
    List<Thread> started;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      started = List.copyOf(threads);
    }
    if (!scheduler.isDraining()) {
      drain(Duration.ZERO);
    }
    scheduler.close();
    for (var thread : started) {
      if (!Threads.join(thread, Duration.ofSeconds(1))) {
        log.error("{} has not ended", thread.getName());
      }
    }
  }
}
