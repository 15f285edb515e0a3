package org.wasmbroker.execution;

import java.time.Duration;
import java.time.Instant;
import org.wasmbroker.step.Backoff;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;

/**
 * Whether a failed step is retried, and when: a retryable error is, until the attempts are used up,
 * after a backoff with jitter that is never shorter than the delay that the handler requested (up
 * to a maximum).
 */
public record RetryPolicy(Backoff backoff, Duration retryAfterMax) {

  /**
   * @param random from 0 up to 1
   */
  Outcome outcomeOf(Step step, StepError error, Instant startedAt, Receipt receipt, double random) {
    if (!error.retryable()) {
      return new Outcome.Failed(step, error, false, startedAt, receipt);
    }
    if (step.attempt().isLast()) {
      return new Outcome.Failed(step, error, true, startedAt, receipt);
    }
    return new Outcome.Retry(
        step, error, delay(step.attempt().number(), error, random), startedAt, receipt);
  }

  private Duration delay(int attempt, StepError error, double random) {
    var backoffDelay = backoff.delay(attempt, random);
    var requested = error.retryAfter() == null ? Duration.ZERO : error.retryAfter();
    var allowed = requested.compareTo(retryAfterMax) > 0 ? retryAfterMax : requested;
    return allowed.compareTo(backoffDelay) > 0 ? allowed : backoffDelay;
  }
}
