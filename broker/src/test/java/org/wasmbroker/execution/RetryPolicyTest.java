package org.wasmbroker.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Backoff;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.testing.Outcomes;

class RetryPolicyTest {
  private static final RetryPolicy POLICY =
      new RetryPolicy(
          new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60)), Duration.ofMinutes(10));

  @Test
  void aPermanentErrorFailsForGood() {
    var outcome = failed(1, 5, StepError.permanent("t", "m"), 0);

    assertThat(outcome)
        .isInstanceOfSatisfying(Outcome.Failed.class, f -> assertThat(f.exhausted()).isFalse());
  }

  @Test
  void theLastAttemptIsExhausted() {
    var outcome = failed(5, 5, StepError.retryable("t", "m"), 0);

    assertThat(outcome)
        .isInstanceOfSatisfying(Outcome.Failed.class, f -> assertThat(f.exhausted()).isTrue());
  }

  @Test
  void theDelayDoublesUpToAMaximum() {
    assertThat(delay(1, null, 1)).isEqualTo(Duration.ofSeconds(1));
    assertThat(delay(2, null, 1)).isEqualTo(Duration.ofSeconds(2));
    assertThat(delay(3, null, 1)).isEqualTo(Duration.ofSeconds(4));
    assertThat(delay(40, null, 1)).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void jitterReducesTheDelayByUpToHalf() {
    assertThat(delay(3, null, 0)).isEqualTo(Duration.ofSeconds(2));
    assertThat(delay(3, null, 0.5)).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void theRequestedDelayIsAMinimumUpToALimit() {
    assertThat(delay(1, Duration.ofSeconds(30), 1)).isEqualTo(Duration.ofSeconds(30));
    assertThat(delay(6, Duration.ofSeconds(3), 1)).isEqualTo(Duration.ofSeconds(32));
    assertThat(delay(1, Duration.ofDays(300), 1)).isEqualTo(Duration.ofMinutes(10));
  }

  private static Duration delay(int attempt, @Nullable Duration requested, double random) {
    var error = new StepError("t", "m", true, null, requested, List.of(), null);
    return ((Outcome.Retry) failed(attempt, 100, error, random)).delay();
  }

  private static Outcome failed(int attempt, int max, StepError error, double random) {
    var any = Outcomes.step("h");
    var step =
        new Step(
            any.ids(),
            any.name(),
            any.handler(),
            new Attempt(attempt, max),
            any.timeout(),
            any.document(),
            any.claim(),
            any.readyAt(),
            any.trace());
    return POLICY.outcomeOf(step, error, Instant.EPOCH, Receipt.none(Duration.ZERO), random);
  }
}
