package org.wasmbroker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.wasmbroker.dispatch.ModuleFinder.FoundModule;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.testing.ManualTime;
import org.wasmbroker.testing.Outcomes;

class LoneRunsTest {
  private static final int SLOTS = 4;

  private final ManualTime time = new ManualTime();
  private final RunningSteps running = new RunningSteps(SLOTS);
  private final LoneRuns lone = new LoneRuns(running, time);
  private final MemoryBudget budget = new MemoryBudget(SLOTS);
  private final AdmissionQueue queue = new AdmissionQueue(budget, lone);

  @Test
  void aSuspectStartsWhenTheRunningStepsHaveEndedAndNoneStartsBesideIt() {
    var before = add(0);
    var suspect = add(2);
    var after = add(0);
    start(before);

    assertThat(queue.next()).isNull();
    end(before);
    start(suspect);
    assertThat(queue.next()).isNull();
    assertThat(queue.capacity(100, SLOTS)).isZero();
    end(suspect);
    start(after);
  }

  @Test
  void aSuspectWithFewLossesRunsBesideOthers() {
    var steps = List.of(add(1), add(0), add(1));

    steps.forEach(this::start);
  }

  @Test
  void othersHaveAsMuchTimeAsTheyWereHeldBackBeforeTheNextSuspectRunsAlone() {
    var first = add(2);
    var second = add(5);
    start(first);
    time.advance(Duration.ofSeconds(10));
    end(first);

    for (int i = 0; i < 10; i++) {
      var other = add(0);
      start(other);
      time.advance(Duration.ofSeconds(1));
      end(other);
    }
    add(0);
    start(second);
  }

  @Test
  void suspectsThatAreAloneDoNotWait() {
    var suspects = List.of(add(2), add(2), add(3));

    for (var suspect : suspects) {
      start(suspect);
      time.advance(Duration.ofSeconds(10));
      end(suspect);
    }
  }

  @Test
  void aSuspectThatIsTakenAwayHoldsNobodyBack() {
    var before = add(0);
    var suspect = add(2);
    var after = add(0);
    start(before);
    assertThat(queue.next()).isNull();

    queue.removeIf(queued -> queued == suspect);
    start(after);
  }

  @Test
  void aSuspectKeepsItsPlaceHoweverLongItWaits() {
    var suspect = add(2);
    add(0);

    assertThat(queue.removeOlderThan(1, Duration.ofHours(1).toNanos())).hasSize(1);
    start(suspect);
  }

  /**
   * However they are mixed, all start, and the others are held back for half of the time at most.
   */
  @Test
  void manySuspectsDoNotStarveTheOthers() {
    for (int i = 0; i < 100; i++) {
      add(2);
    }
    int others = 0;
    int suspects = 0;
    var company = new ArrayList<QueuedStep>();
    for (int second = 0; second < 150; second++) {
      while (queue.size() - (100 - suspects) < SLOTS) {
        add(0);
      }
      for (var next = started(); next != null; next = started()) {
        company.add(next);
      }
      if (company.getFirst().runsAlone()) {
        assertThat(company).hasSize(1);
        suspects++;
      } else {
        others++;
      }
      time.advance(Duration.ofSeconds(1));
      company.forEach(this::end);
      company.clear();
    }
    assertThat(suspects).isBetween(70, 76);
    assertThat(others).isBetween(74, 80);
  }

  private QueuedStep add(int lostStarts) {
    var queued =
        QueuedSteps.of(
            Outcomes.suspect("h", lostStarts),
            time.nanos(),
            new FoundModule(() -> new Resolution.Unknown("not asked for here"), 1));
    queue.add(queued);
    return queued;
  }

  private void start(QueuedStep expected) {
    assertThat(started()).isSameAs(expected);
  }

  private @Nullable QueuedStep started() {
    var next = queue.next();
    if (next != null) {
      for (int slot = 0; slot < SLOTS; slot++) {
        if (running.in(slot) == null) {
          running.start(slot, next, time.nanos());
          return next;
        }
      }
      throw new AssertionError("no slot is free");
    }
    return null;
  }

  private void end(QueuedStep queued) {
    for (int slot = 0; slot < SLOTS; slot++) {
      if (running.in(slot) == queued) {
        running.end(slot);
      }
    }
    lone.ended(queued);
    budget.release(queued.memoryBytes());
  }
}
