package org.wasmbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.data.Percentage.withPercentage;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.testing.Outcomes;

class StepStatisticsTest {
  private final StepStatistics statistics = new StepStatistics();

  @Test
  void outcomesAreCountedByKindAndFailuresByType() {
    var receipt = Outcomes.receipt("transform");
    statistics.on(new StepEvent.Ended(Outcomes.completed(receipt)));
    statistics.on(new StepEvent.Ended(Outcomes.completed(receipt)));
    statistics.on(new StepEvent.Ended(Outcomes.failed("trap", receipt)));
    statistics.on(new StepEvent.Ended(Outcomes.exhausted("limit_exceeded", receipt)));
    statistics.on(new StepEvent.Ended(Outcomes.retry("limit_exceeded", receipt)));

    var summary = statistics.summary();

    assertThat(summary.completed()).isEqualTo(2);
    assertThat(summary.failed()).isEqualTo(2);
    assertThat(summary.retried()).isEqualTo(1);
    assertThat(summary.failuresByType())
        .containsExactly(entry("limit_exceeded", 1L), entry("trap", 1L));
    assertThat(summary.memoryHighWaterBytes()).isEqualTo(2 << 20);
    assertThat(summary.instantiation().median().toNanos()).isCloseTo(12_000L, withPercentage(1.6));
    assertThat(summary.execution().count()).isEqualTo(5);
  }

  @Test
  void aStepThatNeverReachedAGuestHasNoRunTimes() {
    statistics.on(
        new StepEvent.Ended(Outcomes.failed("unknown_handler", Receipt.none(Duration.ZERO))));

    assertThat(statistics.summary().failed()).isEqualTo(1);
    assertThat(statistics.summary().execution().count()).isZero();
  }

  @Test
  void eachOutcomeOfABatchCountsAsReported() {
    statistics.on(new ReportEvent.Written(40, Duration.ofMillis(2), Duration.ofMillis(9)));

    assertThat(statistics.summary().report().count()).isEqualTo(40);
    assertThat(statistics.summary().report().median().toNanos())
        .isCloseTo(9_000_000L, withPercentage(1.6));
  }
}
