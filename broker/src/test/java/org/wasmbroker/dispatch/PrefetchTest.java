package org.wasmbroker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PrefetchTest {
  private static final long MILLI = 1_000_000;
  private static final long[] TWO_FREE = {0, 0};

  private final Prefetch prefetch = new Prefetch(50 * MILLI, 1000);

  @Test
  void nothingIsKnownBeforeTheFirstStepEnds() {
    assertThat(prefetch.steps(TWO_FREE)).isZero();
  }

  @Test
  void hundredsOfQuickStepsAreClaimedAhead() {
    ran(500, Duration.ofNanos(50_000));

    assertThat(prefetch.steps(TWO_FREE)).isEqualTo(1000);
  }

  @Test
  void asManyAsWillStartWithinTheWindow() {
    ran(500, Duration.ofMillis(1));

    assertThat(prefetch.steps(TWO_FREE)).isEqualTo(100);
  }

  @Test
  void noSlowStepIsClaimedAhead() {
    ran(500, Duration.ofSeconds(1));

    assertThat(prefetch.steps(TWO_FREE)).isZero();
  }

  @Test
  void trustGrowsWithTheStepsSeen() {
    ran(1, Duration.ofNanos(20_000));
    assertThat(prefetch.steps(TWO_FREE)).isEqualTo(4);
    ran(9, Duration.ofNanos(20_000));
    assertThat(prefetch.steps(TWO_FREE)).isEqualTo(40);
  }

  @Test
  void oneSlowStepShrinksTheNumberAtOnce() {
    ran(500, Duration.ofNanos(20_000));
    ran(1, Duration.ofSeconds(1));

    assertThat(prefetch.steps(TWO_FREE)).isZero();
  }

  @Test
  void quickStepsWinTheTrustBack() {
    ran(1, Duration.ofSeconds(1));
    ran(300, Duration.ofNanos(20_000));

    assertThat(prefetch.steps(TWO_FREE)).isEqualTo(1000);
  }

  @Test
  void aStepThatStillRunsCountsWithWhatItHasTaken() {
    ran(500, Duration.ofMillis(1));

    assertThat(prefetch.steps(new long[] {500 * MILLI, 0})).isEqualTo(50);
    assertThat(prefetch.steps(new long[] {500 * MILLI, 500 * MILLI})).isZero();
  }

  @Test
  void aMostOfZeroSwitchesItOff() {
    var off = new Prefetch(50 * MILLI, 0);
    off.ran(1000);

    assertThat(off.steps(TWO_FREE)).isZero();
  }

  private void ran(int times, Duration each) {
    for (int i = 0; i < times; i++) {
      prefetch.ran(each.toNanos());
    }
  }
}
