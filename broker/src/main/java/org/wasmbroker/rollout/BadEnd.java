package org.wasmbroker.rollout;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.StepError;

/** An end of a run that speaks against the version that ran. */
public enum BadEnd {
  /** The engine stopped the guest, whether or not the step is retried. */
  TRAPS,
  /** The guest exceeded a limit, whether or not the step is retried. */
  LIMITS,
  /**
   * The step failed for good in another way: the handler said so, its result was wrong, no attempt
   * was left.
   */
  PERMANENT_FAILURES;

  /** What kind of bad end an outcome is; null for any other. */
  static @Nullable BadEnd of(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed _ -> null;
      case Outcome.Failed failed -> {
        var ofRun = ofRun(failed.error());
        yield ofRun == null ? PERMANENT_FAILURES : ofRun;
      }
      case Outcome.Retry retry -> ofRun(retry.error());
    };
  }

  private static @Nullable BadEnd ofRun(StepError error) {
    if (error.context() instanceof ErrorContext.ExceededLimit) {
      return LIMITS;
    }
    return error.type().equals("trapped") ? TRAPS : null;
  }
}
