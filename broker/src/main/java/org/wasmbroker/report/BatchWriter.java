package org.wasmbroker.report;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.OutageLog;
import org.wasmbroker.protocol.Bisection;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.step.Backoff;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ReportEvent;
import org.wasmbroker.telemetry.ReportEvent.Reason;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.Tracing;

/**
 * Writes batches, and finds the outcomes because of which one is refused.
 *
 * <p>A transient failure puts the batch back and makes all writers wait. A batch that is refused
 * permanently is split until the outcomes that cause it are isolated, and the rest is written. Such
 * an outcome is replaced by a plain failure without a byte of the guest's, which the database
 * accepts unless it refuses everything; then the outcome is kept and retried, and dropped only once
 * other outcomes were written since.
 */
final class BatchWriter {
  private static final Logger log = LoggerFactory.getLogger(BatchWriter.class);
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

  private final StepProtocol protocol;
  private final Backlog backlog;
  private final TimeSource time;
  private final DoubleSupplier random;
  private final EventSink events;
  private final Tracing tracing;
  private final AtomicLong written = new AtomicLong();
  private final OutageLog outage;

  BatchWriter(
      StepProtocol protocol,
      Backlog backlog,
      TimeSource time,
      DoubleSupplier random,
      EventSink events,
      Tracing tracing) {
    this.protocol = protocol;
    this.backlog = backlog;
    this.time = time;
    this.random = random;
    this.events = events;
    this.tracing = tracing;
    this.outage =
        new OutageLog(
            log, time, "outcomes cannot be written and are kept", "outcomes can be written again");
  }

  void write(Backlog.Batch batch) {
    switch (batch) {
      case Backlog.Outcomes outcomes -> {
        var unwritten = new ArrayList<PendingOutcome>();
        try {
          write(outcomes.pending(), unwritten);
        } finally {
          backlog.done(outcomes, unwritten);
        }
      }
      case Backlog.Released steps -> backlog.done(steps, release(steps));
    }
  }

  private void write(List<PendingOutcome> batch, List<PendingOutcome> unwritten) {
    Bisection.write(
        batch,
        part -> complete(part, part.stream().map(PendingOutcome::outcome).toList()),
        failure -> !isTransient(failure),
        (part, failure) -> {
          if (isTransient(failure)) {
            retryLater(part.size(), failure);
            unwritten.addAll(part);
          } else {
            replaceRefused(part.getFirst(), failure, unwritten);
          }
        });
  }

  private void replaceRefused(
      PendingOutcome refused, Throwable cause, List<PendingOutcome> unwritten) {
    var outcome = refused.outcome();
    var failure = complete(List.of(refused), List.of(replacement(outcome, cause)));
    if (failure == null) {
      logReplaced(outcome, cause);
    } else if (!isTransient(failure)
        && refused.writtenAtRefusal() != PendingOutcome.NEVER
        && written.get() > refused.writtenAtRefusal()) {
      log.atError()
          .addKeyValue("step", outcome.step().id())
          .addKeyValue("handler", outcome.step().handler())
          .addKeyValue("cause", reason(failure))
          .log("the database refuses an outcome permanently; it is dropped and the lease expires");
      events.on(new StepEvent.OutcomeDropped(outcome, "refused by the database"));
    } else {
      retryLater(1, failure);
      unwritten.add(isTransient(failure) ? refused : refused.refused(written.get()));
    }
  }

  private static Outcome replacement(Outcome refused, Throwable cause) {
    var error =
        isUnstorable(cause)
            ? StepError.permanent(
                "result_not_storable", "Postgres cannot store what the handler has written as JSON")
            : StepError.permanent(
                "result_refused",
                "the handler's result or error could not be stored; the broker's log has the"
                    + " cause");
    return new Outcome.Failed(refused.step(), error, false, refused.startedAt(), refused.receipt());
  }

  private static void logReplaced(Outcome outcome, Throwable cause) {
    if (isUnstorable(cause)) {
      log.atWarn()
          .addKeyValue("step", outcome.step().id())
          .addKeyValue("cause", reason(cause))
          .log("a step's result cannot be stored as JSON in Postgres; the step fails");
    } else {
      log.atError()
          .addKeyValue("step", outcome.step().id())
          .addKeyValue("handler", outcome.step().handler())
          .addKeyValue("cause", reason(cause))
          .log("the database refused an outcome; the step is reported as failed instead");
    }
  }

  /** Writes in one transaction; returns the failure, or null. */
  private @Nullable Throwable complete(List<PendingOutcome> batch, List<Outcome> outcomes) {
    long start = time.nanos();
    Set<Claim> late;
    try {
      late = protocol.complete(outcomes);
    } catch (RuntimeException | Error failure) {
      return failure;
    }
    long end = time.nanos();
    written.addAndGet(outcomes.size());
    succeeded();
    events.on(
        new ReportEvent.Written(
            outcomes.size(),
            Duration.ofNanos(end - start),
            Duration.ofNanos(end - batch.getFirst().queuedAt())));
    if (tracing.isOn()) {
      trace(batch, outcomes, late, end);
    }
    if (!late.isEmpty()) {
      reportLate(
          outcomes.stream().filter(outcome -> late.contains(outcome.step().claim())).toList());
    }
    return null;
  }

  private void trace(
      List<PendingOutcome> batch, List<Outcome> outcomes, Set<Claim> late, long end) {
    for (int i = 0; i < outcomes.size(); i++) {
      var outcome = outcomes.get(i);
      tracing.settled(
          outcome,
          Duration.ofNanos(end - batch.get(i).queuedAt()),
          outcomes.size(),
          late.contains(outcome.step().claim()));
    }
  }

  /** Returns the steps that have to be released later. */
  private List<Step> release(Backlog.Released batch) {
    var later = new ArrayList<Step>();
    Bisection.write(
        batch.steps(),
        part -> release(part, batch.reason()),
        failure -> !isTransient(failure),
        (part, failure) -> {
          if (isTransient(failure)) {
            retryLater(part.size(), failure);
            later.addAll(part);
          } else {
            logNotReleased(part.getFirst(), failure);
          }
        });
    return later;
  }

  /** Releases in one transaction; returns the failure, or null. */
  private @Nullable Throwable release(List<Step> steps, Reason reason) {
    try {
      protocol.release(steps);
    } catch (RuntimeException | Error failure) {
      return failure;
    }
    succeeded();
    events.on(new ReportEvent.Released(steps, reason));
    return null;
  }

  private static void logNotReleased(Step step, Throwable failure) {
    log.atError()
        .addKeyValue("step", step.id())
        .addKeyValue("handler", step.handler())
        .addKeyValue("cause", reason(failure))
        .log("a step could not be released; it is available again when its claim has expired");
  }

  private void retryLater(int outcomes, Throwable failure) {
    int failures = backlog.recordFailure();
    var delay = BACKOFF.delay(failures, random.getAsDouble());
    backlog.notBefore(delay);
    events.on(new ReportEvent.WriteFailed(outcomes, failure, delay));
    outage.failed(ProtocolException.severityOf(failure), failure);
  }

  private void succeeded() {
    backlog.resetFailures();
    outage.succeeded();
  }

  private void reportLate(List<Outcome> late) {
    log.atInfo()
        .addKeyValue("outcomes", late.size())
        .addKeyValue("step", late.getFirst().step().id())
        .log("outcomes arrived after their leases were lost and were dropped; one is of this step");
    late.forEach(outcome -> events.on(new StepEvent.OutcomeLate(outcome)));
  }

  private static boolean isTransient(Throwable failure) {
    return failure instanceof OutOfMemoryError
        || (failure instanceof ProtocolException protocolFailure && protocolFailure.isTransient());
  }

  /** A guest can write a NUL character, or a number of a million digits. */
  private static boolean isUnstorable(Throwable failure) {
    return failure instanceof ProtocolException protocolFailure
        && protocolFailure.kind() == ProtocolException.Kind.UNSTORABLE;
  }

  private static String reason(Throwable failure) {
    return SafeText.sanitize(String.valueOf(failure.getMessage()), 500);
  }
}
