package org.wasmbroker.bench;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.telemetry.EventSink;

/** Counts what a broker writes, and when the first claim came and the last outcome was written. */
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
   * @param expected how many outcomes there will be
   */
  ThroughputRecorder(String workload, long expected) {
    this.workload = workload;
    this.expected = expected;
  }

  @Override
  public void moduleLoaded(ModuleId module, int bytes, Duration took) {
    if (module.handler().equals(workload)) {
      compiled.countDown();
    }
  }

  @Override
  public void claimed(int steps, int room, Duration roundTrip) {
    if (firstClaimNanos == 0 && steps > 0) {
      firstClaimNanos = System.nanoTime() - roundTrip.toNanos();
    }
  }

  @Override
  public void stepEnded(Outcome outcome) {
    if (outcome instanceof Outcome.Completed completed) {
      sample.setPlain(completed);
    }
  }

  @Override
  public void reported(int count, Duration roundTrip, Duration oldest) {
    batches.incrementAndGet();
    lastReportNanos = System.nanoTime();
    if (outcomes.addAndGet(count) >= expected) {
      all.countDown();
    }
  }

  /** Waits until the handler can be run. */
  void awaitCompiled() throws InterruptedException {
    compiled.await();
  }

  /** Waits for the last outcome. */
  void awaitAll() throws InterruptedException {
    all.await();
  }

  /** From the first claim's begin to the end of the last outcome's write. */
  Duration elapsed() {
    return Duration.ofNanos(lastReportNanos - firstClaimNanos);
  }

  /** How many outcomes were written at once, on average. */
  int averageBatch() {
    return (int) Math.max(1, outcomes.get() / batches.get());
  }

  /** One of the outcomes. */
  Outcome.Completed sample() {
    var outcome = sample.get();
    if (outcome == null) {
      throw new IllegalStateException("no step has completed");
    }
    return outcome;
  }
}
