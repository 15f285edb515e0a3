package org.wasmbroker.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.grant.StepAccesses;
import org.wasmbroker.protocol.StepRules;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.report.Reports;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.BrokerEvents;

/**
 * Runs steps: a slot is a thread, and a thread runs one step at a time.
 *
 * <p>Intake asks for {@link #room}, claims at most that many steps and hands them over; those that
 * find no free slot, or not the memory that they may use, wait in line ({@link WaitingLine}). A
 * step leaves in exactly one way: its outcome is reported, its lease is lost, or it is given back,
 * because it waited too long or the broker drains. The slot is free as soon as the outcome is in
 * the reporter's backlog, before it is written.
 */
public final class Dispatcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);
  private static final String DRAINING = "draining";
  private static final String LEASE_LOST = "lease lost";
  private static final Duration INTERRUPT_BUDGET = Duration.ofSeconds(5);

  private final int slots;
  private final long threadStackBytes;
  private final long memoryBytes;
  private final WorkQueue queue;
  private final StepRunner runner;
  private final Reports reports;
  private final BrokerEvents events;
  private final List<Thread> threads = new ArrayList<>(); // guarded by this
  private boolean closed; // guarded by this

  /**
   * @param threadStackBytes of a guest's thread: the engine's stack for guests and 1 MiB or more
   * @param accesses opens what a step may reach
   * @param random from 0 up to 1, for jitter
   */
  public Dispatcher(
      DispatchConfig config,
      long threadStackBytes,
      HandlerResolver handlers,
      StepAccesses accesses,
      StepRules rules,
      Reports reports,
      TimeSource time,
      DoubleSupplier random,
      BrokerEvents events) {
    this.slots = config.slots();
    this.threadStackBytes = threadStackBytes;
    this.memoryBytes = config.memoryBytes();
    this.queue = new WorkQueue(config, handlers, time);
    this.runner =
        new StepRunner(
            accesses,
            rules,
            new RetryPolicy(config.backoff(), config.retryAfterMax()),
            time,
            random,
            events);
    this.reports = reports;
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
              .start(() -> serve(slot)));
    }
  }

  /** How many steps to claim now; 0 while it is better to wait. One thread claims. */
  public int room() {
    return queue.room(reports.room());
  }

  /** Asks for one call of the listener, on a guest thread, when a claim is worth it. */
  public void tellWhenRoom(Runnable listener) {
    queue.tellWhenRoom(listener);
  }

  /** Takes claimed steps over. While the broker drains they are given back at once. */
  public void accept(List<Step> steps) {
    if (!steps.isEmpty() && !queue.add(steps)) {
      reports.giveBack(steps, DRAINING);
    }
  }

  /** Gives back the steps that have waited too long for a slot, for other workers to take. */
  public void giveBackOverdue() {
    var overdue = queue.takeOverdue();
    if (!overdue.isEmpty()) {
      log.atInfo()
          .addKeyValue("steps", overdue.size())
          .log("steps waited too long for a slot and are given back");
      reports.giveBack(overdue, "waited too long");
    }
  }

  /** Every step whose lease counts: waiting, running, or with an outcome not yet written. */
  public List<Step> owned() {
    // In this order: a step goes from the queue to the reports, and is in both for a moment.
    var owned = new LinkedHashMap<Claim, Step>();
    queue.owned().forEach(step -> owned.put(step.claim(), step));
    reports.pending().forEach(step -> owned.put(step.claim(), step));
    return List.copyOf(owned.values());
  }

  /** Stops the steps of these claims, which are another worker's now; their results are dropped. */
  public void lost(Set<Claim> claims) {
    for (var work : queue.endAll(claims)) {
      work.cancellation().request(LEASE_LOST);
      log.atWarn()
          .addKeyValue("step", work.step().id())
          .addKeyValue("handler", work.step().handler())
          .log("the lease of a step was lost; its result is dropped");
      events.leaseLost(work.step());
    }
  }

  public int slots() {
    return slots;
  }

  /** How many steps run now. */
  public int running() {
    return queue.busy();
  }

  /** How many claimed steps wait for a slot. */
  public int waiting() {
    return queue.waiting();
  }

  /** The bytes of memory that guests may use together. */
  public long memoryBytes() {
    return memoryBytes;
  }

  /** The bytes of memory that the guests that run now may use. */
  public long memoryInUse() {
    return queue.memoryInUse();
  }

  /** How many claimed steps wait for memory that others may use. */
  public int waitingForMemory() {
    return queue.waitingForMemory();
  }

  /**
   * Ends all work: what waits is given back at once, what runs may go on for the grace period and
   * is then interrupted and given back. No step is taken afterwards.
   *
   * @return false when a guest could not be stopped; its step's lease ends by itself
   */
  public boolean drain(Duration grace) {
    var unstarted = queue.drain();
    events.draining(queue.busy(), unstarted.size());
    reports.giveBack(unstarted, DRAINING);
    boolean idle = awaitIdle(grace);
    if (!idle) {
      for (var work : queue.snapshotOfRunning()) {
        log.atWarn()
            .addKeyValue("step", work.step().id())
            .addKeyValue("handler", work.step().handler())
            .log("a step outlived the grace period and is interrupted");
        work.cancellation().request(DRAINING);
      }
      idle = awaitIdle(INTERRUPT_BUDGET);
    }
    for (var stuck : queue.snapshotOfRunning()) {
      log.atError()
          .addKeyValue("step", stuck.step().id())
          .addKeyValue("handler", stuck.step().handler())
          .log("a step could not be interrupted; it is ready again when its lease ends");
    }
    return idle;
  }

  private boolean awaitIdle(Duration atMost) {
    try {
      return queue.awaitIdle(atMost);
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void serve(int slot) {
    var work = queue.next(slot, null);
    while (work != null) {
      try {
        run(work);
      } catch (RuntimeException | Error surprise) {
        log.atError()
            .addKeyValue("step", work.step().id())
            .setCause(surprise)
            .log("a step's end could not be told; it is ready again when its lease ends");
      }
      work = queue.next(slot, work);
    }
  }

  private void run(Work work) {
    var outcome = runner.run(work.step(), work::resolution, work.cancellation());
    if (!work.end()) {
      return;
    }
    if (outcome == null) {
      reports.giveBack(List.of(work.step()), DRAINING);
    } else {
      reports.report(outcome);
      events.stepEnded(outcome);
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
    if (!queue.isDraining()) {
      drain(Duration.ZERO);
    }
    queue.close();
    try {
      for (var thread : started) {
        if (!thread.join(Duration.ofSeconds(1))) {
          log.error("{} has not ended", thread.getName());
        }
      }
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    }
  }
}
