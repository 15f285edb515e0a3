package org.wasmbroker.bench;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.telemetry.ReportEvent;
import org.wasmbroker.telemetry.StepEvent;

/** Counts the outcomes that a broker writes, from its first claim to its last report. */
final class ThroughputRecorder implements EventSink {
  private final CountDownLatch all = new CountDownLatch(1);
  private final CountDownLatch compiled = new CountDownLatch(1);
  private final AtomicLong batches = new AtomicLong();
  private final AtomicLong outcomes = new AtomicLong();
  private final AtomicReference<Outcome.@Nullable Completed> sample = new AtomicReference<>();
  private final String workload;
  private final long expected;
  private volatile long firstClaimNanos;
  private volatile long lastReportNanos;

  /**
   * @param workload the handler of the steps
   * @param expected the number of outcomes to wait for
   */
  ThroughputRecorder(String workload, long expected) {
    this.workload = workload;
    this.expected = expected;
  }

  @Override
  public void on(BrokerEvent event) {
    if (event instanceof ModuleEvent.Loaded(ModuleId module, _, _)) {
      if (module.handler().equals(workload)) {
        compiled.countDown();
      }
    } else if (event instanceof IntakeEvent.Claimed(int steps, _, Duration roundTrip)) {
      if (firstClaimNanos == 0 && steps > 0) {
        firstClaimNanos = System.nanoTime() - roundTrip.toNanos();
      }
    } else if (event instanceof StepEvent.Ended(Outcome outcome)) {
      if (outcome instanceof Outcome.Completed completed) {
        sample.setPlain(completed);
      }
    } else if (event instanceof ReportEvent.Written(int count, _, _)) {
      batches.incrementAndGet();
      lastReportNanos = System.nanoTime();
      if (outcomes.addAndGet(count) >= expected) {
        all.countDown();
      }
    }
  }

  /** Waits until the handler is compiled. */
  void awaitCompiled() throws InterruptedException {
    compiled.await();
  }

  /** Waits for the last outcome. */
  void awaitAll() throws InterruptedException {
    all.await();
  }

  /** From the start of the first claim to the end of the last report. */
  Duration elapsed() {
    return Duration.ofNanos(lastReportNanos - firstClaimNanos);
  }

  /** The average number of outcomes in one batch. */
  int averageBatch() {
    return (int) Math.max(1, outcomes.get() / batches.get());
  }

  /** Any one of the outcomes. */
  Outcome.Completed sample() {
    var outcome = sample.get();
    if (outcome == null) {
      throw new IllegalStateException("no step has completed");
    }
    return outcome;
  }
}
