package org.wasmbroker.execution;

import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.execution.GuestRuns.Result;
import org.wasmbroker.execution.StepRules.StartRecord;
import org.wasmbroker.grant.StepAccess;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.registry.Resolution.Refused;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.Resolution.Unknown;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.ComputePermit;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.StepRefusedException;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.CurrentStep;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.StepTrace;
import org.wasmbroker.telemetry.Tracing;

/**
 * Runs one step on the calling thread, from its start to its outcome: the only way to run a step,
 * wherever it comes from. Thread-safe.
 */
public final class StepRunner {
  private static final Logger log = LoggerFactory.getLogger(StepRunner.class);

  private static final int HOLD_ATTEMPTS = 10;

  private static final Duration MAX_QUEUE_WAIT = Duration.ofDays(36_500);

  private final StepAccessFactory accesses;
  private final StepRules rules;
  private final RetryPolicy retries;
  private final Function<Step, GuestLog> logs;
  private final TimeSource time;
  private final DoubleSupplier random;
  private final EventSink events;
  private final Tracing tracing;
  private final StepRecorder recorder;

  /**
   * Guests log to the logger {@code guest}.
   *
   * @param accesses opens what a step may reach
   * @param random from 0 up to 1, for jitter
   */
  public StepRunner(
      StepAccessFactory accesses,
      StepRules rules,
      RetryPolicy retries,
      TimeSource time,
      DoubleSupplier random,
      EventSink events) {
    this(accesses, rules, retries, StepLog::new, time, random, events);
  }

  /** The same, and the guest of a step logs to what this returns for the step. */
  public StepRunner withLogs(Function<Step, GuestLog> other) {
    return new StepRunner(accesses, rules, retries, other, time, random, events, tracing, recorder);
  }

  /** The same, and steps are traced. */
  public StepRunner withTracing(Tracing other) {
    return new StepRunner(accesses, rules, retries, logs, time, random, events, other, recorder);
  }

  /** The same, and steps may be recorded. */
  public StepRunner withRecorder(StepRecorder other) {
    return new StepRunner(accesses, rules, retries, logs, time, random, events, tracing, other);
  }

  /**
   * @param logs where the guest of a step logs to
   */
  public StepRunner(
      StepAccessFactory accesses,
      StepRules rules,
      RetryPolicy retries,
      Function<Step, GuestLog> logs,
      TimeSource time,
      DoubleSupplier random,
      EventSink events) {
    this(accesses, rules, retries, logs, time, random, events, Tracing.OFF, StepRecorder.NONE);
  }

  private StepRunner(
      StepAccessFactory accesses,
      StepRules rules,
      RetryPolicy retries,
      Function<Step, GuestLog> logs,
      TimeSource time,
      DoubleSupplier random,
      EventSink events,
      Tracing tracing,
      StepRecorder recorder) {
    this.accesses = accesses;
    this.rules = rules;
    this.retries = retries;
    this.logs = logs;
    this.time = time;
    this.random = random;
    this.events = events;
    this.tracing = tracing;
    this.recorder = recorder;
  }

  /**
   * The outcome, or null when the run was cancelled, the claim was lost, or the start of a suspect
   * could not be recorded: nothing is reported, and the step is available again.
   *
   * @param module supplies what to run, or throws what went wrong in resolving it
   */
  public @Nullable Outcome run(Step step, Supplier<Resolution> module, Cancellation cancellation) {
    return run(step, module, cancellation, ComputePermit.UNSHARED);
  }

  /**
   * The same, for a step that shares the processors with others.
   *
   * @param permit which the step has
   */
  public @Nullable Outcome run(
      Step step, Supplier<Resolution> module, Cancellation cancellation, ComputePermit permit) {
    var started = time.now();
    var queueWait = queueWait(step, started);
    var trace = tracing.begin(step, queueWait);
    var traced = trace.of(step);
    Outcome outcome = null;
    CurrentStep.enter(traced);
    try {
      outcome =
          run(traced, module, new RunControl(cancellation, permit), started, queueWait, trace);
      return outcome;
    } finally {
      trace.end(outcome);
      CurrentStep.leave();
    }
  }

  private @Nullable Outcome run(
      Step step,
      Supplier<Resolution> module,
      RunControl control,
      Instant started,
      Duration queueWait,
      StepTrace trace) {
    events.on(new StepEvent.Started(step, queueWait));
    var emptyReceipt = Receipt.none(queueWait);
    try {
      var found = held(module);
      trace.resolved(found instanceof Resolved resolved ? resolved.id() : null);
      return switch (found) {
        case Unknown unknown ->
            failed(step, StepErrors.unknownHandler(unknown), started, emptyReceipt);
        case Refused refused ->
            failed(step, StepErrors.moduleRefused(refused), started, emptyReceipt);
        case Resolved resolved -> runHeld(step, resolved, control, started, queueWait, trace);
      };
    } catch (RuntimeException | Error failure) {
      return failed(step, internalError(step, failure), started, emptyReceipt);
    }
  }

  /**
   * What to run, and if it is a module, that one held for all runs of the step. A module that was
   * replaced is freed when no step holds it, which can be between the two.
   */
  private static Resolution held(Supplier<Resolution> module) {
    for (int i = 0; i < HOLD_ATTEMPTS; i++) {
      var resolution = module.get();
      if (!(resolution instanceof Resolved resolved) || resolved.module().hold()) {
        return resolution;
      }
    }
    throw new IllegalStateException("its module was freed each time that it was about to start");
  }

  private @Nullable Outcome runHeld(
      Step step,
      Resolved handler,
      RunControl control,
      Instant started,
      Duration queueWait,
      StepTrace trace) {
    try {
      return run(step, handler, control, started, queueWait, trace);
    } finally {
      handler.module().unhold();
    }
  }

  private static StepError internalError(Step step, Throwable failure) {
    log.atError()
        .addKeyValue("step", step.id())
        .addKeyValue("handler", step.handler())
        .setCause(failure)
        .log("a step could not be run");
    return StepErrors.internalError(failure);
  }

  private @Nullable Outcome run(
      Step step,
      Resolved handler,
      RunControl control,
      Instant started,
      Duration queueWait,
      StepTrace trace) {
    if (step.claim().isSuspect() && !recordsStart(step, control)) {
      return null;
    }
    try (var access = accesses.open(step, handler.id(), handler.grants())) {
      var recording = recorder.open(step, handler, access.access());
      var runs =
          new GuestRuns(
              step,
              handler,
              access,
              recording == null ? access.access() : recording.access(),
              recording == null ? logs : recording.logs(logs),
              queueWait,
              control,
              recording == null ? rules : recording.rules(rules),
              events,
              trace);
      var outcome = outcome(step, runs, access, started);
      return recording == null || outcome == null ? outcome : recording.end(outcome);
    } catch (StepRefusedException refused) {
      return failed(step, refused.error(), started, Receipt.none(queueWait));
    }
  }

  private boolean recordsStart(Step step, RunControl control) {
    return control.whileWaiting(() -> rules.recordStart(step)) == StartRecord.RECORDED;
  }

  private @Nullable Outcome outcome(Step step, GuestRuns runs, StepAccess access, Instant started) {
    return switch (result(step, runs, access)) {
      case Result.Completed(var value) ->
          new Outcome.Completed(step, value, started, runs.receipt());
      case Result.Failed(var error) -> failed(step, error, started, runs.receipt());
      case Result.Stopped _ -> null;
    };
  }

  private static Result result(Step step, GuestRuns runs, StepAccess access) {
    try {
      return runs.run();
    } catch (StepRefusedException refused) {
      return new Result.Failed(
          access.isRepeatable() ? refused.error() : StepErrors.notRepeated(refused.error()));
    } catch (RuntimeException | Error failure) {
      if (access.isRepeatable()) {
        throw failure;
      }
      return new Result.Failed(StepErrors.notRepeated(internalError(step, failure)));
    }
  }

  private Outcome failed(Step step, StepError error, Instant started, Receipt receipt) {
    return retries.outcomeOf(step, error, started, receipt, random.getAsDouble());
  }

  /** Not negative, and not longer than can be counted in nanoseconds. */
  private static Duration queueWait(Step step, Instant started) {
    var wait = Duration.between(step.readyAt(), started);
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(MAX_QUEUE_WAIT) > 0 ? MAX_QUEUE_WAIT : wait;
  }
}
