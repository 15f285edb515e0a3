package org.wasmbroker.dispatch;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.grant.StepAccess;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.StepRules;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.BrokerEvents;

/**
 * One step's runs: each checkpoint that the guest writes is kept, and a fresh instance goes on from
 * there, with a time limit of its own, until there is a result or an error. Used once, by one
 * thread.
 */
final class GuestRuns {
  private static final Logger log = LoggerFactory.getLogger(GuestRuns.class);
  private static final Duration LEAST_TIME = Duration.ofMillis(1);

  private final Resolved handler;
  private final StepAccess access;
  private final Cancellation cancellation;
  private final StepRules rules;
  private final BrokerEvents events;
  private final Limits limits;
  private final Duration queueWait;
  private Step step;
  private Receipt receipt;

  /** How the runs ended. */
  sealed interface End {
    record Result(Document value) implements End {}

    record Failed(StepError error) implements End {}

    /** Cancelled, or the claim was lost: nothing is to be reported. */
    record Stopped() implements End {}
  }

  GuestRuns(
      Step step,
      Resolved handler,
      StepAccess access,
      Duration queueWait,
      Cancellation cancellation,
      StepRules rules,
      BrokerEvents events) {
    this.step = step;
    this.handler = handler;
    this.access = access;
    this.queueWait = queueWait;
    this.cancellation = cancellation;
    this.rules = rules;
    this.events = events;
    this.limits = within(step, handler.grants().limits());
    this.receipt = Receipt.none(queueWait);
  }

  /** What all runs together used so far. */
  Receipt receipt() {
    return receipt.with(access.use());
  }

  End run() {
    for (int kept = 0; kept <= limits.checkpoints(); kept++) {
      var end = runOnce();
      if (end != null) {
        return end;
      }
    }
    return overLimit(LimitKind.CHECKPOINTS, RunErrors.tooManyCheckpoints(limits.checkpoints()));
  }

  /** Null when there is more to do, from a checkpoint that is kept. */
  private @Nullable End runOnce() {
    var log = new StepLog(step);
    var result =
        handler
            .module()
            .run(new Invocation(step.document(), limits, cancellation, log, access.access()));
    receipt = receipt.then(result.receipt().of(handler.id(), queueWait));
    if (result.receipt().logLinesDropped() > 0) {
      events.limitExceeded(LimitKind.LOG.text());
    }
    return switch (result) {
      case InvocationResult.Completed(var output, var _) -> ended(output);
      case InvocationResult.GuestFailed guest -> failed(RunErrors.of(guest));
      case InvocationResult.Trapped trapped ->
          trapped.kind() == TrapKind.STACK_OVERFLOW
              ? overLimit(LimitKind.STACK, RunErrors.of(trapped))
              : failed(RunErrors.of(trapped));
      case InvocationResult.LimitExceeded limit -> overLimit(limit.limit(), RunErrors.of(limit));
      case InvocationResult.Cancelled _ -> new End.Stopped();
    };
  }

  private @Nullable End ended(Document output) {
    var leak = access.problem(output);
    if (leak != null) {
      return new End.Failed(leak);
    }
    return switch (ResultReader.read(output)) {
      case ResultDocument.Completed(var value) -> checked(value);
      case ResultDocument.Failed(var error) -> new End.Failed(error);
      case ResultDocument.Unfinished(var checkpoint) -> keep(checkpoint);
      case ResultDocument.Bad(var problem) -> failed(RunErrors.badResult(problem));
    };
  }

  private End overLimit(LimitKind limit, StepError error) {
    events.limitExceeded(limit.text());
    return failed(error);
  }

  private End failed(StepError error) {
    return new End.Failed(access.withoutSecrets(error));
  }

  private End checked(Document value) {
    var schema = handler.output();
    var violations = schema == null ? List.<String>of() : schema.problems(value);
    if (!violations.isEmpty()) {
      return failed(RunErrors.outputSchemaViolation(handler.id(), violations));
    }
    var problem = rules.problem(step, value, handler.grants().newWork());
    if (problem == null) {
      return new End.Result(value);
    }
    return problem.type().equals(StepError.LIMIT_EXCEEDED)
        ? overLimit(LimitKind.NEW_WORK, problem)
        : new End.Failed(problem);
  }

  private @Nullable End keep(Checkpoint checkpoint) {
    try {
      return switch (rules.keep(step, checkpoint)) {
        case StepRules.Progress.Kept(var continued) -> {
          step = continued;
          events.checkpointKept(continued, checkpoint.itemsProcessed());
          yield null;
        }
        case StepRules.Progress.Lost _ -> new End.Stopped();
        case StepRules.Progress.NotKept _ -> new End.Failed(RunErrors.checkpointNotSupported());
      };
    } catch (ProtocolException failure) {
      log.atWarn()
          .addKeyValue("step", step.id())
          .addKeyValue("handler", step.handler())
          .log("a checkpoint could not be kept: {}", failure.getMessage());
      return new End.Failed(RunErrors.checkpointNotKept());
    }
  }

  private static Limits within(Step step, Limits limits) {
    if (step.timeout().compareTo(limits.time()) >= 0) {
      return limits;
    }
    return limits.withTime(step.timeout().compareTo(LEAST_TIME) < 0 ? LEAST_TIME : step.timeout());
  }
}
