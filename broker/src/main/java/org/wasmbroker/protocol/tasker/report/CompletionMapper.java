package org.wasmbroker.protocol.tasker.report;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.protocol.StepExecutionResult;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.protocol.tasker.claim.HandlerNotFound;
import org.wasmbroker.protocol.tasker.claim.TaskerClaim;
import org.wasmbroker.protocol.tasker.template.StepDefinition;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Maps outcomes to what Tasker stores: one of two states, flags, and the two error types for which
 * Tasker's own workers have names of their own.
 */
public final class CompletionMapper {
  private static final String HANDLER_TIMEOUT = "handler_timeout";
  private static final StepError RELEASED =
      StepError.retryable(
          "given_back",
          "the worker stopped before the step could be run; the attempt does not count");

  private final WorkerIdentity worker;

  public CompletionMapper(WorkerIdentity worker) {
    this.worker = worker;
  }

  Completion completion(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed completed ->
          completion(
              TaskerClaim.of(completed.step()),
              true,
              StepExecutionResult.withoutStep(completed, worker),
              true);
      case Outcome.Failed failed -> failure(failed, failed.error());
      case Outcome.Retry retry -> failure(retry, retry.error());
    };
  }

  /** Whether the orchestrator is asked for another attempt. */
  static boolean retryable(Outcome outcome) {
    var claim = TaskerClaim.of(outcome.step());
    return switch (outcome) {
      case Outcome.Completed _ -> false;
      case Outcome.Failed failed -> failed.error().retryable() && claim.retryable();
      case Outcome.Retry retry -> retry.error().retryable() && claim.retryable();
    };
  }

  private Completion failure(Outcome outcome, StepError error) {
    var taskerError = toTaskerError(outcome.step(), error);
    var retryable = retryable(outcome);
    return completion(
        TaskerClaim.of(outcome.step()),
        false,
        StepExecutionResult.withoutStep(
            outcome, taskerError, retryable, retryable ? error.retryAfter() : null, worker),
        true);
  }

  /**
   * A released step fails, since Tasker has no other way to hand it back, and is retried at once.
   * Taking an attempt off the count makes sure that one is left, also for steps that are not
   * retryable.
   */
  Completion released(Step step) {
    var claim = TaskerClaim.of(step);
    var kept = claim.continued() == null ? step : step.withPin(claim.continued());
    var outcome =
        new Outcome.Failed(kept, RELEASED, false, step.readyAt(), Receipt.none(Duration.ZERO));
    return completion(
        claim,
        false,
        StepExecutionResult.withoutStep(outcome, RELEASED, true, Duration.ZERO, worker),
        false);
  }

  private static Completion completion(
      TaskerClaim claim, boolean success, Document result, boolean counts) {
    return new Completion(
        claim.step(),
        claim.transition(),
        claim.task(),
        claim.correlation(),
        success,
        result,
        counts);
  }

  private static StepError toTaskerError(Step step, StepError error) {
    if (error.context() instanceof ErrorContext.ExceededLimit exceeded
        && exceeded.limit().equals(ErrorContext.ExceededLimit.TIME)) {
      return timeout(step, exceeded.allowed());
    }
    return error.type().equals("unknown_handler")
        ? HandlerNotFound.error(callable(step), error.message())
        : error;
  }

  /**
   * @param millis the limit that was exceeded, which may be the module's rather than the step's
   */
  private static StepError timeout(Step step, long millis) {
    var context =
        "{\"handler_name\":\"%s\",\"task_uuid\":\"%s\",\"timeout_ms\":%d}"
            .formatted(
                new String(JsonStringEncoder.getInstance().quoteAsCharArray(callable(step))),
                TaskerClaim.of(step).task(),
                millis);
    return new StepError(
        HANDLER_TIMEOUT,
        "Handler timed out after %dms".formatted(millis),
        true,
        null,
        null,
        List.of(),
        new ErrorContext.Json(Document.of(context)));
  }

  private static String callable(Step step) {
    StepDefinition definition = TaskerClaim.of(step).definition();
    return definition == null ? step.handler().toString() : definition.callable();
  }
}
