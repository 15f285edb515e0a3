package org.wasmbroker.report;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.ServiceThread;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ReportEvent.Reason;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.Tracing;

/**
 * Writes outcomes to the queue in batches, on threads of its own.
 *
 * <p>Reporting an outcome never blocks: the claiming side reserves a place for each step in the
 * backlog ({@link #capacity}), so that a slow or unreachable database stops claiming and not the
 * guests. While the reporter runs, an outcome is kept until it is written, however long that takes.
 * To stop: {@link #flush} when no step runs any more, then {@link #close}.
 */
public final class CompletionReporter implements OutcomeReporter, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CompletionReporter.class);
  private static final Duration CLOSE_BUDGET = Duration.ofSeconds(2);

  private final int writers;
  private final Backlog backlog;
  private final BatchWriter writer;
  private final EventSink events;
  private final List<ServiceThread> threads = new ArrayList<>(); // guarded by this
  private boolean closed; // guarded by this

  /**
   * @param random from 0 up to 1, for jitter
   */
  public CompletionReporter(
      ReportConfig config,
      StepProtocol protocol,
      TimeSource time,
      DoubleSupplier random,
      EventSink events) {
    this(config, protocol, time, random, events, Tracing.OFF);
  }

  /**
   * @param random from 0 up to 1, for jitter
   */
  public CompletionReporter(
      ReportConfig config,
      StepProtocol protocol,
      TimeSource time,
      DoubleSupplier random,
      EventSink events,
      Tracing tracing) {
    this.writers = config.writers();
    this.backlog = new Backlog(config, time);
    this.writer = new BatchWriter(protocol, backlog, time, random, events, tracing);
    this.events = events;
  }

  public synchronized void start() {
    if (closed || !threads.isEmpty()) {
      throw new IllegalStateException("a reporter is started once");
    }
    for (int i = 1; i <= writers; i++) {
      var thread = new ServiceThread("reporter-" + i, this::write);
      threads.add(thread);
      thread.start();
    }
  }

  @Override
  public int capacity() {
    return backlog.capacity();
  }

  /** How many outcomes wait or are being written. */
  public int size() {
    return backlog.size();
  }

  @Override
  public void report(Outcome outcome) {
    backlog.add(outcome);
  }

  @Override
  public void release(List<Step> steps, Reason reason) {
    if (!steps.isEmpty()) {
      backlog.add(new Backlog.Released(List.copyOf(steps), reason));
    }
  }

  @Override
  public List<Step> pending() {
    return backlog.steps();
  }

  /** The rest is tried until {@link #close}. */
  @Override
  public boolean flush(Duration budget) {
    try {
      return backlog.awaitEmpty(budget);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Writes one batch if one is due; returns whether there was one. */
  boolean writeOnce() {
    var batch = backlog.poll();
    if (batch == null) {
      return false;
    }
    writer.write(batch);
    return true;
  }

  private void write() {
    try {
      for (var batch = backlog.take(); batch != null; batch = backlog.take()) {
        writer.write(batch);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops the writers. What is unwritten by then is logged, and its leases expire. */
  @Override
  public void close() {
    List<ServiceThread> started;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      started = List.copyOf(threads);
    }
    started.forEach(ServiceThread::stop);
    backlog.close().forEach(this::logUnwritten);
    long deadline = System.nanoTime() + CLOSE_BUDGET.toNanos();
    for (var thread : started) {
      if (!thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))) {
        log.warn("{} is still writing to the database", thread.name());
      }
    }
    backlog.close().forEach(this::logUnwritten);
  }

  private void logUnwritten(Backlog.Batch batch) {
    switch (batch) {
      case Backlog.Outcomes(List<PendingOutcome> unwritten) -> {
        if (!unwritten.isEmpty()) {
          log.atWarn()
              .addKeyValue("steps", unwritten.size())
              .addKeyValue("step", unwritten.getFirst().outcome().step().id())
              .log(
                  "not reported before the shutdown; the steps, one of them this, run again when"
                      + " their leases expire");
        }
        for (var pending : unwritten) {
          events.on(new StepEvent.OutcomeDropped(pending.outcome(), "closing"));
        }
      }
      case Backlog.Released(List<Step> steps, Reason reason) -> {
        if (!steps.isEmpty()) {
          log.atWarn()
              .addKeyValue("steps", steps.size())
              .addKeyValue("step", steps.getFirst().id())
              .addKeyValue("reason", reason.text())
              .log(
                  "not released before the shutdown; the steps, one of them this, become available"
                      + " when their leases expire");
        }
      }
    }
  }
}
