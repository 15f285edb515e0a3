package org.wasmbroker.recording;

import org.wasmbroker.step.Outcome;

/** Of which steps a recording is kept. */
public enum RecordedOutcomes {
  /** Steps that failed and are not retried. */
  FAILED,
  /** Every attempt that failed. */
  ATTEMPTS,
  /** Whatever became of it. */
  ALL;

  boolean include(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Failed _ -> true;
      case Outcome.Retry _ -> this != FAILED;
      case Outcome.Completed _ -> this == ALL;
    };
  }
}
