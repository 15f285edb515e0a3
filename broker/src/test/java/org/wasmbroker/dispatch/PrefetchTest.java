package org.wasmbroker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PrefetchTest {
  private static final long MILLI = 1_000_000;
  private static final long[] TWO_FREE = {0, 0};

  private final Prefetch prefetch = new Prefetch(50 * MILLI, 1000);

  @Test
  void nothingIsPrefetchedBeforeTheFirstStepEnds() {
    assertThat(steps(TWO_FREE)).isZero();
  }

  @Test
  void hundredsOfQuickStepsArePrefetched() {
    recordRuns(500, Duration.ofNanos(50_000));

    assertThat(steps(TWO_FREE)).isEqualTo(1000);
  }

  @Test
  void asManyStepsArePrefetchedAsWillStartWithinTheWindow() {
    recordRuns(500, Duration.ofMillis(1));

    assertThat(steps(TWO_FREE)).isEqualTo(100);
  }

  @Test
  void slowStepsAreNotPrefetched() {
    recordRuns(500, Duration.ofSeconds(1));

    assertThat(steps(TWO_FREE)).isZero();
  }

  @Test
  void thePrefetchGrowsWithTheStepsSeen() {
    recordRuns(1, Duration.ofNanos(20_000));
    assertThat(steps(TWO_FREE)).isEqualTo(4);
    recordRuns(9, Duration.ofNanos(20_000));
    assertThat(steps(TWO_FREE)).isEqualTo(40);
  }

  @Test
  void oneSlowStepReducesThePrefetchImmediately() {
    recordRuns(500, Duration.ofNanos(20_000));
    recordRuns(1, Duration.ofSeconds(1));

    assertThat(steps(TWO_FREE)).isZero();
  }

  @Test
  void noMoreDocumentsArePrefetchedThanFitIntoMemory() {
    recordRuns(500, Duration.ofNanos(50_000));
    prefetch.recordDocument(64 << 10);
    assertThat(steps(TWO_FREE)).isEqualTo(512);

    prefetch.recordDocument(16 << 20);
    assertThat(steps(TWO_FREE)).as("at once").isEqualTo(3);

    for (int i = 0; i < 300; i++) {
      prefetch.recordDocument(100);
    }
    assertThat(steps(TWO_FREE)).isEqualTo(1000);
  }

  @Test
  void quickStepsRestoreThePrefetch() {
    recordRuns(1, Duration.ofSeconds(1));
    recordRuns(300, Duration.ofNanos(20_000));

    assertThat(steps(TWO_FREE)).isEqualTo(1000);
  }

  @Test
  void aRunningStepCountsWithItsElapsedTime() {
    recordRuns(500, Duration.ofMillis(1));

    assertThat(steps(new long[] {500 * MILLI, 0})).isEqualTo(50);
    assertThat(steps(new long[] {500 * MILLI, 500 * MILLI})).isZero();
  }

  @Test
  void stepsThatMostlyWaitArePrefetchedByTheirComputingAsLongAsSlotsAreFree() {
    for (int i = 0; i < 500; i++) {
      prefetch.recordRun(200 * MILLI, MILLI);
    }
    var waiting = new long[256];

    assertThat(prefetch.steps(new long[0], 2, waiting, 200)).isEqualTo(100);
    assertThat(prefetch.steps(new long[0], 2, waiting, 10)).as("few slots").isEqualTo(74);
    assertThat(prefetch.steps(new long[0], 2, TWO_FREE, 0)).as("no slot").isZero();
  }

  @Test
  void aMaximumOfZeroDisablesPrefetching() {
    var off = new Prefetch(50 * MILLI, 0);
    off.recordRun(1000, 1000);

    assertThat(off.steps(TWO_FREE, 0, TWO_FREE, 0)).isZero();
  }

  /** Of steps that compute all the time, one in each slot. */
  private int steps(long[] nanosSoFar) {
    return prefetch.steps(nanosSoFar, 0, nanosSoFar, 0);
  }

  private void recordRuns(int times, Duration each) {
    for (int i = 0; i < times; i++) {
      prefetch.recordRun(each.toNanos(), each.toNanos());
    }
  }
}
