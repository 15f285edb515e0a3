package org.wasmbroker.execution;

import java.util.List;
import org.wasmbroker.registry.Resolution.Refused;
import org.wasmbroker.registry.Resolution.Unknown;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.StepError;

/**
 * The errors of steps whose guest did not write a valid result document.
 *
 * <p>A fresh instance with the same input behaves the same way, so a trap, an exit code or an
 * exceeded limit on memory, output or calls is permanent. Time is the exception: it is measured on
 * the wall clock, which a busy machine or a slow peer can use up, so an exceeded time limit is
 * retryable. The number of attempts bounds the cost of an endless loop.
 *
 * <p>A step that has done what must not be done twice is not retried for an error that its handler
 * did not choose.
 */
final class StepErrors {
  private StepErrors() {}

  /** As it is for a step that must not run once more. */
  static StepError notRepeated(StepError error) {
    return error.retryable()
        ? error.withoutRetry(
            "the step is not retried, because it has sent an HTTP request that must not be sent"
                + " twice; an idempotency key would allow it")
        : error;
  }

  /** A source that could not be asked may have it later. */
  static StepError unknownHandler(Unknown unknown) {
    return unknown.mayAppear()
        ? StepError.retryable("unknown_handler", unknown.message())
        : StepError.permanent("unknown_handler", unknown.message());
  }

  /** What a person has to do first may be done before the last attempt. */
  static StepError moduleRefused(Refused refused) {
    return switch (refused.reason()) {
      case UNUSABLE -> StepError.permanent("module_refused", refused.message());
      case UNTRUSTED -> StepError.retryable("untrusted_module", refused.message());
      case AWAITING_APPROVAL -> StepError.retryable("awaiting_approval", refused.message());
    };
  }

  static StepError invalidResult(String problem) {
    return StepError.permanent("bad_result_document", problem);
  }

  static StepError outputSchemaViolation(ModuleId module, List<String> problems) {
    return StepError.permanent(
        "output_schema_violation",
        "the result does not match the output_schema of %s's manifest: %s"
            .formatted(module, String.join("; ", problems)));
  }

  static StepError checkpointNotSupported() {
    return StepError.permanent(
        "checkpoint_not_supported",
        "the handler wrote a checkpoint, which this queue's protocol cannot save");
  }

  static StepError checkpointNotSaved() {
    return StepError.retryable(
        "checkpoint_error",
        "the handler's checkpoint could not be saved; the broker's log has the cause");
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

  static StepError internalError(Throwable failure) {
    return StepError.retryable(
        "broker_fault",
        "internal error of the broker (%s); its log has the cause"
            .formatted(failure.getClass().getSimpleName()));
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
