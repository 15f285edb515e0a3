package org.wasmbroker.execution;

import java.util.List;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.StepError;

/**
 * The errors of steps whose guest gave no result document.
 *
 * <p>A fresh instance with the same input does the same again, so a trap, an exit code or a limit
 * of memory, output or calls is permanent. Time is the exception: it is measured on the wall clock,
 * which a busy machine or a slow peer can use up, so a time limit is retryable. The attempts bound
 * what an endless loop can cost.
 */
final class StepErrors {
  private StepErrors() {}

  static StepError unknownHandler(String message) {
    return StepError.permanent("unknown_handler", message);
  }

  static StepError moduleRefused(String message) {
    return StepError.permanent("module_refused", message);
  }

  static StepError invalidResult(String problem) {
    return StepError.permanent("bad_result_document", problem);
  }

  static StepError outputSchemaViolation(ModuleId module, List<String> problems) {
    return StepError.permanent(
        "output_schema_violation",
        "the result is not what %s's manifest declares: %s"
            .formatted(module, String.join("; ", problems)));
  }

  static StepError checkpointNotSupported() {
    return StepError.permanent(
        "checkpoint_not_supported",
        "the handler wrote a checkpoint, which this queue's protocol cannot keep");
  }

  static StepError checkpointNotSaved() {
    return StepError.retryable(
        "checkpoint_error",
        "the handler's checkpoint could not be kept; the broker's log says why");
  }

  static StepError tooManyCheckpoints(int max) {
    var limit = LimitKind.CHECKPOINTS;
    return StepError.limitExceeded(
        limit.text(),
        limit.unit().text(),
        max,
        max + 1L,
        false,
        "the handler wrote more than %d checkpoints without a result".formatted(max));
  }

  static StepError internalError(Throwable fault) {
    return StepError.retryable(
        "broker_fault",
        "the broker could not run the step (%s); its log says why"
            .formatted(fault.getClass().getSimpleName()));
  }

  static StepError of(LimitExceeded result) {
    var limit = result.limit();
    return StepError.limitExceeded(
        limit.text(),
        limit.unit().text(),
        result.allowed(),
        result.used(),
        limit == LimitKind.TIME,
        result.message());
  }

  static StepError of(Trapped result) {
    return new StepError(
        "trapped", result.message(), false, result.kind().text(), null, result.backtrace(), null);
  }

  static StepError of(GuestFailed result) {
    return new StepError(
        "guest_failed",
        result.message(),
        false,
        String.valueOf(result.code()),
        null,
        List.of(),
        null);
  }
}
