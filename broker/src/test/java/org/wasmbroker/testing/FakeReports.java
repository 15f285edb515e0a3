package org.wasmbroker.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.wasmbroker.report.OutcomeReporter;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;

/** Keeps what it is told. */
public final class FakeReports implements OutcomeReporter {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final LinkedBlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<Step> givenBack = new LinkedBlockingQueue<>();
  private volatile int room = Integer.MAX_VALUE / 2;

  public void room(int newRoom) {
    room = newRoom;
  }

  /** The next outcome, waited for. */
  public Outcome next() {
    return waitFor(outcomes);
  }

  public List<Outcome> outcomes() {
    return new ArrayList<>(outcomes);
  }

  public List<Step> givenBack() {
    return new ArrayList<>(givenBack);
  }

  /** The next step that is given back, waited for. */
  public Step nextGivenBack() {
    return waitFor(givenBack);
  }

  @Override
  public int capacity() {
    return room;
  }

  @Override
  public void report(Outcome outcome) {
    outcomes.add(outcome);
  }

  @Override
  public void release(List<Step> steps, String reason) {
    givenBack.addAll(steps);
  }

  @Override
  public List<Step> pending() {
    return outcomes.stream().map(Outcome::step).toList();
  }

  private static <T> T waitFor(LinkedBlockingQueue<T> queue) {
    try {
      var next = queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing came within " + PATIENCE);
      }
      return next;
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
  }
}
