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
import org.wasmbroker.dispatch.ModuleFinder.Found;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.testing.Outcomes;

class WaitingLineTest {
  private static final long SMALL = 32;
  private static final long LARGE = 512;
  private static final int STEPS = 3000;

  private final MemoryBudget budget = new MemoryBudget(LARGE);
  private final WaitingLine line = new WaitingLine(budget);

  @Test
  void aLargeStepTakesTheRoomOfSixteenSmallOnes() {
    add(LARGE);
    addAll(16, SMALL);

    var large = started();
    assertThat(line.next()).isNull();
    assertThat(line.waitingForMemory()).isEqualTo(16);

    end(large);
    assertThat(startAll()).hasSize(16);
    assertThat(budget.inUse()).isEqualTo(LARGE);
  }

  @Test
  void stepsThatFitStartInTheOrderInWhichTheyCame() {
    var steps = addAll(5, SMALL);

    assertThat(startAll()).isEqualTo(steps);
  }

  @Test
  void aSmallStepPassesALargeOneThatDoesNotFitYet() {
    var running = start(SMALL);
    var large = add(LARGE);
    var small = add(SMALL);

    assertThat(line.next()).isSameAs(small);
    end(running);
    end(small);
    assertThat(line.next()).isSameAs(large);
  }

  @Test
  void smallStepsWithoutEndDoNotStarveALargeOne() {
    var running = new ArrayList<>(List.of(start(SMALL), start(SMALL)));
    var large = add(LARGE);
    int passed = 0;
    while (line.size() > 0 && passed < 1000) {
      add(SMALL);
      for (var next = line.next(); next != null; next = line.next()) {
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
  void largeStepsWithoutEndDoNotStarveASmallOne() {
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
  void nothingPassesAStepWhoseTurnItIs() {
    var running = start(SMALL);
    var large = add(LARGE);
    addAll(LARGE / SMALL, SMALL).forEach(small -> end(started()));
    add(SMALL);

    assertThat(line.next()).isNull();
    assertThat(line.room(100, 4)).isZero();
    end(running);
    assertThat(line.next()).isSameAs(large);
  }

  @Test
  void aStepWhoseModuleIsNotKnownIsLookedForOnceAndKeepsItsPlace() {
    var unknown = new Work(Outcomes.step("h"), 0, null);
    line.add(unknown);
    var known = add(SMALL);

    assertThat(line.next()).isSameAs(unknown);
    assertThat(line.next()).isSameAs(known);
    assertThat(line.next()).isNull();
    assertThat(line.isStalled()).isTrue();

    line.resolved(unknown, found(SMALL));
    assertThat(line.next()).isSameAs(unknown);
    assertThat(budget.inUse()).isEqualTo(2 * SMALL);
  }

  @Test
  void aStepWithoutAGuestNeedsNoMemory() {
    start(LARGE);
    var refused = add(0);

    assertThat(line.next()).isSameAs(refused);
  }

  @Test
  void theFirstStepThatWaitsForMemoryKeepsItsPlaceWhenOthersHaveWaitedTooLong() {
    start(LARGE);
    var first = add(LARGE);
    var second = add(LARGE);
    var third = add(SMALL);

    assertThat(line.takeOlderThan(10, 11)).containsExactly(second, third);
    assertThat(line.all()).containsExactly(first);
  }

  @Test
  void noMoreStepsAreWantedThanMemoryIsLeftFor() {
    addAll(50, LARGE).forEach(work -> line.remove(work::equals));

    assertThat(line.room(0, 16)).isEqualTo(1);
    start(LARGE);
    assertThat(line.room(0, 16)).isZero();
    assertThat(line.room(160, 16)).as("a tenth of each slot's").isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void theSumNeverExceedsTheBudgetAndEveryStepStartsAfterABoundedNumberOfOthers(long seed) {
    var random = new SplittableRandom(seed);
    var sizes = List.of(1L, 16L, SMALL, SMALL, SMALL, 128L, 500L, LARGE);
    var running = new ArrayList<Work>();
    var resolving = new ArrayList<Work>();
    var passed = new HashMap<Work, Long>();
    int added = 0;
    int ended = 0;
    while (ended < STEPS) {
      if (added < STEPS && random.nextInt(3) > 0) {
        var size = sizes.get(random.nextInt(sizes.size()));
        var known = random.nextInt(4) == 0 ? null : found(size);
        line.add(new Work(Outcomes.step("h"), added++, known));
      }
      for (var next = line.next(); next != null; next = line.next()) {
        if (!next.isResolved()) {
          resolving.add(next);
          continue;
        }
        running.add(next);
        long need = next.memory();
        line.all().stream()
            .filter(ahead -> ahead.isResolved() && ahead.since() < running.getLast().since())
            .forEach(ahead -> passed.merge(ahead, need, Long::sum));
        assertThat(budget.inUse())
            .isEqualTo(running.stream().mapToLong(Work::memory).sum())
            .isBetween(0L, LARGE);
      }
      if (!resolving.isEmpty() && random.nextInt(2) == 0) {
        line.resolved(resolving.removeFirst(), found(sizes.get(random.nextInt(sizes.size()))));
      } else if (!running.isEmpty()) {
        end(running.remove(random.nextInt(running.size())));
        ended++;
      }
    }
    assertThat(line.isEmpty()).isTrue();
    assertThat(budget.inUse()).isZero();
    assertThat(passed)
        .isNotEmpty()
        .allSatisfy((work, bytes) -> assertThat(bytes).isLessThan(2 * work.memory()));
  }

  private Work add(long memory) {
    var work = new Work(Outcomes.step("h"), 0, found(memory));
    line.add(work);
    return work;
  }

  private List<Work> addAll(long count, long memory) {
    return Stream.generate(() -> add(memory)).limit(count).toList();
  }

  private Work start(long memory) {
    var work = add(memory);
    assertThat(line.next()).isSameAs(work);
    return work;
  }

  private Work started() {
    return Objects.requireNonNull(line.next());
  }

  private List<Work> startAll() {
    return Stream.iterate(line.next(), work -> work != null, _ -> line.next()).toList();
  }

  private void end(Work work) {
    budget.giveBack(work.memory());
  }

  private static Found found(long memory) {
    return new Found(() -> new Resolution.Unknown("not asked for here"), memory);
  }
}
