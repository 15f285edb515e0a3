package org.wasmbroker.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.report.OutcomeReporter;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.telemetry.ReportEvent.Reason;

/** Records what is reported to it. */
public final class FakeReporter implements OutcomeReporter {
  /** Far away: only a test that has failed waits so long. */
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private final LinkedBlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<Step> released = new LinkedBlockingQueue<>();
  private final AtomicInteger flushes = new AtomicInteger();
  private final AtomicInteger failing = new AtomicInteger();
  private volatile @Nullable Error failure;
  private volatile int capacity = Integer.MAX_VALUE / 2;

  public void capacity(int newCapacity) {
    capacity = newCapacity;
  }

  /** Waits for the next outcome. */
  public Outcome nextOutcome() {
    return await(outcomes);
  }

  public List<Outcome> outcomes() {
    return new ArrayList<>(outcomes);
  }

  public List<Step> released() {
    return new ArrayList<>(released);
  }

  /** Waits for the next step that is released. */
  public Step nextReleased() {
    return await(released);
  }

  /** Makes the next calls throw this, if they report or release. */
  public void failNext(Error failure, int calls) {
    this.failure = failure;
    failing.set(calls);
  }

  private void failIfAsked() {
    var thrown = failure;
    if (thrown != null && failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw thrown;
    }
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public void report(Outcome outcome) {
    failIfAsked();
    outcomes.add(outcome);
  }

  @Override
  public void release(List<Step> steps, Reason reason) {
    failIfAsked();
    released.addAll(steps);
  }

  @Override
  public boolean flush(Duration budget) {
    flushes.incrementAndGet();
    return true;
  }

  /** How often everything had to be written. */
  public int flushes() {
    return flushes.get();
  }

  @Override
  public List<Step> pending() {
    return outcomes.stream().map(Outcome::step).toList();
  }

  private static <T> T await(LinkedBlockingQueue<T> queue) {
    try {
      var next = queue.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing was reported within " + TIMEOUT);
      }
      return next;
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
  }
}
