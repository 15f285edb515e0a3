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
final class Written implements EventSink {
  private final CountDownLatch all = new CountDownLatch(1);
  private final CountDownLatch compiled = new CountDownLatch(1);
  private final AtomicLong batches = new AtomicLong();
  private final AtomicLong outcomes = new AtomicLong();
  private final AtomicReference<Outcome.@Nullable Completed> one = new AtomicReference<>();
  private final String workload;
  private final long expected;
  private volatile long first;
  private volatile long last;

  /**
   * @param workload the handler of the steps
   * @param expected how many outcomes there will be
   */
  Written(String workload, long expected) {
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
    if (first == 0 && steps > 0) {
      first = System.nanoTime() - roundTrip.toNanos();
    }
  }

  @Override
  public void stepEnded(Outcome outcome) {
    if (outcome instanceof Outcome.Completed completed) {
      one.setPlain(completed);
    }
  }

  @Override
  public void reported(int count, Duration roundTrip, Duration oldest) {
    batches.incrementAndGet();
    last = System.nanoTime();
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
  Duration took() {
    return Duration.ofNanos(last - first);
  }

  /** How many outcomes were written at once, on average. */
  int batch() {
    return (int) Math.max(1, outcomes.get() / batches.get());
  }

  /** One of the outcomes. */
  Outcome.Completed one() {
    var outcome = one.get();
    if (outcome == null) {
      throw new IllegalStateException("no step has completed");
    }
    return outcome;
  }
}
