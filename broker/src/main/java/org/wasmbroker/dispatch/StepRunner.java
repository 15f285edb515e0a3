package org.wasmbroker.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.registry.Resolution.Refused;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.Resolution.Unknown;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.InvocationResult.Cancelled;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.BrokerEvents;

/** Runs one step on the calling thread, from its start to its outcome. Thread-safe. */
final class StepRunner {
  private static final Logger log = LoggerFactory.getLogger(StepRunner.class);
  private static final Duration LEAST_TIME = Duration.ofMillis(1);

  private final HandlerResolver handlers;
  private final RetryPolicy retries;
  private final TimeSource time;
  private final DoubleSupplier random;
  private final BrokerEvents events;

  StepRunner(
      HandlerResolver handlers,
      RetryPolicy retries,
      TimeSource time,
      DoubleSupplier random,
      BrokerEvents events) {
    this.handlers = handlers;
    this.retries = retries;
    this.time = time;
    this.random = random;
    this.events = events;
  }

  /** The outcome, or null when the run was cancelled: who cancelled it knows what is to be done. */
  @Nullable Outcome run(Step step, Cancellation cancellation) {
    var started = time.now();
    var queueWait = positive(Duration.between(step.readyAt(), started));
    events.stepStarted(step, queueWait);
    var nothingRan = Receipt.none(queueWait);
    try {
      return switch (handlers.resolve(step.handler())) {
        case Unknown(String why) ->
            failed(step, RunErrors.unknownHandler(why), started, nothingRan);
        case Refused(String why) -> failed(step, RunErrors.moduleRefused(why), started, nothingRan);
        case Resolved(var id, var module, Limits limits) -> {
          var invocation =
              new Invocation(
                  step.document(), within(step, limits), cancellation, new StepLog(step));
          var result = module.run(invocation);
          yield outcome(step, result, started, result.receipt().of(id, queueWait));
        }
      };
    } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError fault) {
      log.atError()
          .addKeyValue("step", step.id())
          .addKeyValue("handler", step.handler())
          .setCause(fault)
          .log("a step could not be run");
      return failed(step, RunErrors.brokerFault(fault), started, nothingRan);
    }
  }

  private @Nullable Outcome outcome(
      Step step, InvocationResult result, Instant started, Receipt receipt) {
    return switch (result) {
      case InvocationResult.Completed(var output, var _) ->
          switch (ResultReader.read(output)) {
            case ResultDocument.Completed(var value) ->
                new Outcome.Completed(step, value, started, receipt);
            case ResultDocument.Failed(var error) -> failed(step, error, started, receipt);
            case ResultDocument.Checkpoint() ->
                failed(step, RunErrors.checkpointNotSupported(), started, receipt);
            case ResultDocument.Bad(var problem) ->
                failed(step, RunErrors.badResult(problem), started, receipt);
          };
      case GuestFailed guest -> failed(step, RunErrors.of(guest), started, receipt);
      case Trapped trapped -> failed(step, RunErrors.of(trapped), started, receipt);
      case LimitExceeded limit -> failed(step, RunErrors.of(limit), started, receipt);
      case Cancelled _ -> null;
    };
  }

  private Outcome failed(Step step, StepError error, Instant started, Receipt receipt) {
    return retries.failed(step, error, started, receipt, random.getAsDouble());
  }

  private static Limits within(Step step, Limits limits) {
    if (step.timeout().compareTo(limits.time()) >= 0) {
      return limits;
    }
    return limits.withTime(step.timeout().compareTo(LEAST_TIME) < 0 ? LEAST_TIME : step.timeout());
  }

  private static Duration positive(Duration duration) {
    return duration.isNegative() ? Duration.ZERO : duration;
  }
}
