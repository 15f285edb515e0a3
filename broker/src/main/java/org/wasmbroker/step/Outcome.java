package org.wasmbroker.step;

import java.time.Duration;
import java.time.Instant;

/** How a step's run ended, to be reported. */
public sealed interface Outcome {
  Step step();

  Receipt receipt();

  /** When the run began; the result carries it. */
  Instant startedAt();

  /** The same end of the same step, with another receipt. */
  default Outcome withReceipt(Receipt other) {
    return switch (this) {
      case Completed(var step, var result, var startedAt, var _) ->
          new Completed(step, result, startedAt, other);
      case Failed(var step, var error, var exhausted, var startedAt, var _) ->
          new Failed(step, error, exhausted, startedAt, other);
      case Retry(var step, var error, var delay, var startedAt, var _) ->
          new Retry(step, error, delay, startedAt, other);
    };
  }

  /**
   * The guest wrote a result.
   *
   * @param result the result value, any JSON
   */
  record Completed(Step step, Document result, Instant startedAt, Receipt receipt)
      implements Outcome {}

  /**
   * The step failed permanently.
   *
   * @param exhausted whether the error was retryable and no attempt was left
   */
  record Failed(Step step, StepError error, boolean exhausted, Instant startedAt, Receipt receipt)
      implements Outcome {}

  /** The step failed and is retried, not before {@code delay} has elapsed. */
  record Retry(Step step, StepError error, Duration delay, Instant startedAt, Receipt receipt)
      implements Outcome {}
}
