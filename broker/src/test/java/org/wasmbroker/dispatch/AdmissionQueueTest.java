package org.wasmbroker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.dispatch.ModuleFinder.FoundModule;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.testing.Outcomes;

class AdmissionQueueTest {
  private static final long SMALL = 32;
  private static final long LARGE = 512;
  private static final int STEPS = 3000;

  private final MemoryBudget budget = new MemoryBudget(LARGE);
  private final AdmissionQueue queue =
      new AdmissionQueue(budget, new LoneRuns(new RunningSteps(STEPS), TimeSource.SYSTEM));

  @Test
  void aLargeStepTakesTheMemoryOfSixteenSmallOnes() {
    add(LARGE);
    addAll(16, SMALL);

    var large = started();
    assertThat(queue.next()).isNull();
    assertThat(queue.waitingForMemory()).isEqualTo(16);

    end(large);
    assertThat(startAll()).hasSize(16);
    assertThat(budget.inUse()).isEqualTo(LARGE);
  }

  @Test
  void stepsThatFitStartInArrivalOrder() {
    var steps = addAll(5, SMALL);

    assertThat(startAll()).isEqualTo(steps);
  }

  @Test
  void aSmallStepOvertakesALargeOneThatDoesNotFitYet() {
    var running = start(SMALL);
    var large = add(LARGE);
    var small = add(SMALL);

    assertThat(queue.next()).isSameAs(small);
    end(running);
    end(small);
    assertThat(queue.next()).isSameAs(large);
  }

  @Test
  void anEndlessStreamOfSmallStepsDoesNotStarveALargeOne() {
    var running = new ArrayList<>(List.of(start(SMALL), start(SMALL)));
    var large = add(LARGE);
    int passed = 0;
    while (queue.size() > 0 && passed < 1000) {
      add(SMALL);
      for (var next = queue.next(); next != null; next = queue.next()) {
        if (next == large) {
          assertThat(passed).isEqualTo((int) (LARGE / SMALL));
          return;
        }
        passed++;
        running.add(next);
      }
      end(running.removeFirst());
    }
    throw new AssertionError("the large step did not start after " + passed + " small ones");
  }

  @Test
  void anEndlessStreamOfLargeStepsDoesNotStarveASmallOne() {
    var running = start(LARGE);
    addAll(3, LARGE);
    var small = add(SMALL);
    for (int ends = 0; ends < 100; ends++) {
      add(LARGE);
      end(running);
      running = started();
      if (running == small) {
        assertThat(ends).isEqualTo(3);
        return;
      }
    }
    throw new AssertionError("the small step did not start");
  }

  @Test
  void nothingOvertakesAStepWithPriority() {
    var running = start(SMALL);
    var large = add(LARGE);
    addAll(LARGE / SMALL, SMALL).forEach(small -> end(started()));
    add(SMALL);

    assertThat(queue.next()).isNull();
    assertThat(queue.capacity(100, 4)).isZero();
    end(running);
    assertThat(queue.next()).isSameAs(large);
  }

  @Test
  void aStepWithoutAGuestNeedsNoMemory() {
    start(LARGE);
    var refused = add(0);

    assertThat(queue.next()).isSameAs(refused);
  }

  @Test
  void theFirstStepWaitingForMemoryKeepsItsPositionWhenOverdueStepsAreReleased() {
    start(LARGE);
    var first = add(LARGE);
    var second = add(LARGE);
    var third = add(SMALL);

    assertThat(queue.removeOlderThan(10, 11)).containsExactly(second, third);
    assertThat(queue.all()).containsExactly(first);
  }

  @Test
  void capacityIsLimitedByTheRemainingMemory() {
    addAll(50, LARGE).forEach(queued -> queue.removeIf(queued::equals));

    assertThat(queue.capacity(0, 16)).isEqualTo(1);
    start(LARGE);
    assertThat(queue.capacity(0, 16)).isZero();
    assertThat(queue.capacity(160, 16)).as("a tenth of each slot's").isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void theBudgetIsNeverExceededAndEveryStepStartsAfterABoundedNumberOfOthers(long seed) {
    var random = new SplittableRandom(seed);
    var sizes = List.of(1L, 16L, SMALL, SMALL, SMALL, 128L, 500L, LARGE);
    var running = new ArrayList<QueuedStep>();
    var passed = new HashMap<QueuedStep, Long>();
    int added = 0;
    int ended = 0;
    while (ended < STEPS) {
      if (added < STEPS && random.nextInt(3) > 0) {
        var size = sizes.get(random.nextInt(sizes.size()));
        queue.add(QueuedSteps.of(Outcomes.step("h"), added++, found(size)));
      }
      for (var next = queue.next(); next != null; next = queue.next()) {
        running.add(next);
        long need = next.memoryBytes();
        queue.all().stream()
            .filter(ahead -> ahead.queuedAt() < running.getLast().queuedAt())
            .forEach(ahead -> passed.merge(ahead, need, Long::sum));
        assertThat(budget.inUse())
            .isEqualTo(running.stream().mapToLong(QueuedStep::memoryBytes).sum())
            .isBetween(0L, LARGE);
      }
      if (!running.isEmpty() && random.nextInt(2) == 0) {
        end(running.remove(random.nextInt(running.size())));
        ended++;
      }
    }
    assertThat(queue.isEmpty()).isTrue();
    assertThat(budget.inUse()).isZero();
    assertThat(passed)
        .isNotEmpty()
        .allSatisfy((queued, bytes) -> assertThat(bytes).isLessThan(2 * queued.memoryBytes()));
  }

  private QueuedStep add(long memory) {
    var queued = QueuedSteps.of(Outcomes.step("h"), 0, found(memory));
    queue.add(queued);
    return queued;
  }

  private List<QueuedStep> addAll(long count, long memory) {
    return Stream.generate(() -> add(memory)).limit(count).toList();
  }

  private QueuedStep start(long memory) {
    var queued = add(memory);
    assertThat(queue.next()).isSameAs(queued);
    return queued;
  }

  private QueuedStep started() {
    return Objects.requireNonNull(queue.next());
  }

  private List<QueuedStep> startAll() {
    return Stream.iterate(queue.next(), queued -> queued != null, _ -> queue.next()).toList();
  }

  private void end(QueuedStep queued) {
    budget.release(queued.memoryBytes());
  }

  private static FoundModule found(long memory) {
    return new FoundModule(() -> new Resolution.Unknown("not asked for here"), memory);
  }
}
