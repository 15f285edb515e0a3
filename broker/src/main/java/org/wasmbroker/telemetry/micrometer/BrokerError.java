package org.wasmbroker.telemetry.micrometer;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.wasmbroker.step.WireName;
import org.wasmbroker.telemetry.TagLimiter;
import org.wasmbroker.telemetry.micrometer.VersionMeters.End;

/**
 * The error types of the broker itself, of which docs/step-errors.md has the meaning; handlers have
 * their own in addition.
 */
enum BrokerError {
  LIMIT_EXCEEDED(Run.MODULE, Of.ALL, Ends.BOTH),
  TRAPPED(Run.MODULE, Of.ALL, Ends.FAILED),
  GUEST_FAILED(Run.MODULE, Of.ALL, Ends.FAILED),
  BAD_RESULT_DOCUMENT(Run.MODULE, Of.ALL, Ends.FAILED),
  SECRET_IN_OUTPUT(Run.MODULE, Of.ALL, Ends.FAILED),
  OUTPUT_SCHEMA_VIOLATION(Run.MODULE, Of.ALL, Ends.FAILED),
  CHECKPOINT_NOT_SUPPORTED(Run.MODULE, Of.STANDALONE, Ends.FAILED),
  CHECKPOINT_ERROR(Run.MODULE, Of.TASKER, Ends.RETRIED),
  RESULT_SCHEMA_VIOLATION(Run.MODULE, Of.TASKER, Ends.FAILED),
  DECISION_OUTCOME_INVALID(Run.MODULE, Of.TASKER, Ends.FAILED),
  BATCH_OUTCOME_INVALID(Run.MODULE, Of.TASKER, Ends.FAILED),
  OUTCOME_NOT_ALLOWED(Run.MODULE, Of.TASKER, Ends.FAILED),
  NEW_STEPS_NOT_GRANTED(Run.MODULE, Of.ALL, Ends.FAILED),
  NEW_STEPS_INVALID(Run.MODULE, Of.STANDALONE, Ends.FAILED),
  NEW_STEPS_NOT_SUPPORTED(Run.MODULE, Of.TASKER, Ends.FAILED),
  UNKNOWN_HANDLER(Run.NONE, Of.ALL, Ends.BOTH),
  MODULE_REFUSED(Run.NONE, Of.ALL, Ends.FAILED),
  UNTRUSTED_MODULE(Run.NONE, Of.ALL, Ends.RETRIED),
  AWAITING_APPROVAL(Run.NONE, Of.ALL, Ends.RETRIED),
  INVALID_FILES(Run.NONE, Of.ALL, Ends.FAILED),
  INVALID_COMMAND(Run.NONE, Of.ALL, Ends.FAILED),
  FILES_UNAVAILABLE(Run.NONE, Of.ALL, Ends.RETRIED),
  BROKER_FAULT(Run.NONE, Of.ALL, Ends.RETRIED),
  STEP_NOT_DEFINED(Run.NONE, Of.TASKER, Ends.FAILED),
  STEP_TOO_DEEP(Run.NONE, Of.TASKER, Ends.FAILED),
  /** Those that are decided after the run, or of a run elsewhere: no step ends with them here. */
  RESULT_NOT_STORABLE(Run.ELSEWHERE, Of.ALL, Ends.FAILED),
  RESULT_REFUSED(Run.ELSEWHERE, Of.ALL, Ends.FAILED),
  POISONED(Run.ELSEWHERE, Of.ALL, Ends.FAILED),
  WORKER_LOST(Run.ELSEWHERE, Of.ALL, Ends.FAILED);

  /** The type of a completed step. */
  static final String NO_ERROR = "none";

  /** What the tag may be, whatever handlers there are. */
  static final Set<String> TAG_VALUES =
      Stream.concat(
              Arrays.stream(values()).map(WireName::of), Stream.of(NO_ERROR, TagLimiter.OTHER))
          .collect(Collectors.toUnmodifiableSet());

  private final Run run;
  private final Of of;
  private final Ends ends;

  BrokerError(Run run, Of of, Ends ends) {
    this.run = run;
    this.of = of;
    this.ends = ends;
  }

  /** Whether a module ran. */
  enum Run {
    MODULE,
    NONE,
    ELSEWHERE
  }

  /** With which protocol it occurs. */
  private enum Of {
    ALL,
    STANDALONE,
    TASKER
  }

  /** How a step ends with it, unless its handler or its requests forbid another attempt. */
  private enum Ends {
    FAILED,
    RETRIED,
    BOTH
  }

  String type() {
    return WireName.of(this);
  }

  List<End> outcomes() {
    return switch (ends) {
      case FAILED -> List.of(End.FAILED);
      case RETRIED -> List.of(End.RETRY, End.EXHAUSTED);
      case BOTH -> List.of(End.FAILED, End.RETRY, End.EXHAUSTED);
    };
  }

  /** The errors that may occur. */
  static List<BrokerError> of(Run run, boolean tasker) {
    return Arrays.stream(values())
        .filter(error -> error.run == run)
        .filter(error -> error.of == Of.ALL || (error.of == Of.TASKER) == tasker)
        .toList();
  }
}
