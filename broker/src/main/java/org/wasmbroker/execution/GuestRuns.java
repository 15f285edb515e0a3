package org.wasmbroker.execution;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.grant.StepAccess;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.StepTrace;

/**
 * The runs of one step: each checkpoint that the guest writes is saved, and a fresh instance
 * continues from it with a time limit of its own, until there is a result or an error. Used once,
 * by one thread.
 */
final class GuestRuns {
  private static final Logger log = LoggerFactory.getLogger(GuestRuns.class);
  private static final Duration MIN_TIME = Duration.ofMillis(1);

  private final Resolved handler;
  private final StepAccess access;
  private final Access guestAccess;
  private final Function<Step, GuestLog> logs;
  private final RunControl control;
  private final StepRules rules;
  private final EventSink events;
  private final StepTrace trace;
  private final Limits limits;
  private final Duration queueWait;
  private Step step;
  private Receipt receipt;

  /** How the runs ended. */
  sealed interface Result {
    record Completed(Document value) implements Result {}

    record Failed(StepError error) implements Result {}

    /** Cancelled, or the claim was lost: nothing is reported. */
    record Stopped() implements Result {}
  }

  /**
   * @param guestAccess what the guests of the step are given: that of {@code access}, or what
   *     records its use
   */
  GuestRuns(
      Step step,
      Resolved handler,
      StepAccess access,
      Access guestAccess,
      Function<Step, GuestLog> logs,
      Duration queueWait,
      RunControl control,
      StepRules rules,
      EventSink events,
      StepTrace trace) {
    this.step = step;
    this.handler = handler;
    this.access = access;
    this.guestAccess = guestAccess;
    this.logs = logs;
    this.queueWait = queueWait;
    this.control = control;
    this.rules = rules;
    this.events = events;
    this.trace = trace;
    this.limits = effectiveLimits(step, handler.grants().limits());
    this.receipt = Receipt.none(queueWait);
  }

  /** What all runs together have used so far. */
  Receipt receipt() {
    return receipt.withGrantUse(access.usage());
  }

  Result run() {
    for (int saved = 0; saved <= limits.checkpoints(); saved++) {
      var result = runOnce();
      if (result != null) {
        return result;
      }
    }
    return limitExceeded(
        LimitKind.CHECKPOINTS, StepErrors.tooManyCheckpoints(limits.checkpoints()));
  }

  /** Null when the step continues from a checkpoint that was saved. */
  private @Nullable Result runOnce() {
    var stepLog = logs.apply(step);
    trace.runStarts();
    var result =
        handler
            .module()
            .run(
                new Invocation(
                    step.handler().name(),
                    step.document(),
                    limits,
                    control.cancellation(),
                    trace.equals(StepTrace.NONE) ? stepLog : new TracedLog(stepLog, trace),
                    guestAccess,
                    control.permit()));
    trace.runEnds(result.receipt());
    receipt = receipt.plus(result.receipt().withModule(handler.id(), queueWait));
    if (result.receipt().logLinesDropped() > 0) {
      events.on(new StepEvent.LimitExceeded(step, LimitKind.LOG.text()));
    }
    return switch (result) {
      case InvocationResult.Completed(var output, var _) -> readResult(output);
      case InvocationResult.GuestFailed guest -> failed(StepErrors.of(guest));
      case InvocationResult.Trapped trapped ->
          trapped.kind() == TrapKind.STACK_OVERFLOW
              ? limitExceeded(LimitKind.STACK, StepErrors.of(trapped))
              : failed(StepErrors.of(trapped));
      case InvocationResult.LimitExceeded limit ->
          limitExceeded(limit.limit(), StepErrors.of(limit));
      case InvocationResult.Cancelled _ -> new Result.Stopped();
    };
  }

  private @Nullable Result readResult(Document output) {
    var leak = access.checkOutput(output);
    if (leak != null) {
      return new Result.Failed(leak);
    }
    return switch (ResultReader.read(output)) {
      case ResultDocument.Completed(var value) -> checkResult(value);
      case ResultDocument.Failed(var error) -> new Result.Failed(error);
      case ResultDocument.Checkpointed(var checkpoint) -> saveCheckpoint(checkpoint);
      case ResultDocument.Invalid(var problem) ->
          failed(StepErrors.invalidResult(problem.toString()));
    };
  }

  private Result limitExceeded(LimitKind limit, StepError error) {
    events.on(new StepEvent.LimitExceeded(step, limit.text()));
    return failed(error);
  }

  /** An error that the handler did not choose. */
  private Result failed(StepError error) {
    return new Result.Failed(
        access.redact(access.isRepeatable() ? error : StepErrors.notRepeated(error)));
  }

  private Result checkResult(Document value) {
    var schema = handler.output();
    var violations = schema == null ? List.<String>of() : schema.validate(value);
    if (!violations.isEmpty()) {
      return failed(StepErrors.outputSchemaViolation(handler.id(), violations));
    }
    var problem = rules.validateResult(step, value, newWork());
    if (problem == null) {
      return new Result.Completed(value);
    }
    return problem.context() instanceof ErrorContext.ExceededLimit
        ? limitExceeded(LimitKind.NEW_WORK, problem)
        : new Result.Failed(problem);
  }

  private NewWork newWork() {
    var grants = handler.grants();
    return new NewWork(grants.newWork(), grants.grantsNewSteps(), grants::grantsNewSteps);
  }

  private @Nullable Result saveCheckpoint(Checkpoint checkpoint) {
    var saved = control.whileWaiting(() -> rules.saveCheckpoint(step, handler.id(), checkpoint));
    return switch (saved) {
      case StepRules.CheckpointResult.Saved(var continued) -> {
        step = continued;
        access.checkpointSaved();
        events.on(new StepEvent.CheckpointSaved(continued, checkpoint.itemsProcessed()));
        yield null;
      }
      case StepRules.CheckpointResult.Lost _ -> new Result.Stopped();
      case StepRules.CheckpointResult.Failed(var reason) -> {
        log.atWarn()
            .addKeyValue("step", step.id())
            .addKeyValue("handler", step.handler())
            .log("a checkpoint could not be saved: {}", reason);
        yield failed(StepErrors.checkpointNotSaved());
      }
      case StepRules.CheckpointResult.Unsupported _ ->
          new Result.Failed(StepErrors.checkpointNotSupported());
    };
  }

  private static Limits effectiveLimits(Step step, Limits limits) {
    if (step.timeout().compareTo(limits.time()) >= 0) {
      return limits;
    }
    return limits.withTime(step.timeout().compareTo(MIN_TIME) < 0 ? MIN_TIME : step.timeout());
  }
}
