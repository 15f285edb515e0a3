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
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.step.Backoff;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.Text;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.BrokerEvents;

/**
 * Writes batches, and finds out what is wrong when one is refused.
 *
 * <p>A failure that may pass by itself puts the batch back and makes all writers wait. Any other
 * one is searched for by halves, so that the rest is written. The outcome that is found is replaced
 * by a plain failure without a byte of the guest's, which the database takes unless it refuses
 * everything; then the outcome is kept and tried again, and given up only when other outcomes were
 * written since.
 */
final class BatchWriter {
  private static final Logger log = LoggerFactory.getLogger(BatchWriter.class);
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

  private final StepProtocol protocol;
  private final Backlog backlog;
  private final TimeSource time;
  private final DoubleSupplier random;
  private final BrokerEvents events;
  private final AtomicLong written = new AtomicLong();

  BatchWriter(
      StepProtocol protocol,
      Backlog backlog,
      TimeSource time,
      DoubleSupplier random,
      BrokerEvents events) {
    this.protocol = protocol;
    this.backlog = backlog;
    this.time = time;
    this.random = random;
    this.events = events;
  }

  void write(Backlog.Batch batch) {
    switch (batch) {
      case Backlog.Outcomes outcomes -> {
        var left = new ArrayList<Pending>();
        try {
          write(outcomes.pending(), left);
        } finally {
          backlog.done(outcomes, left);
        }
      }
      case Backlog.GivenBack steps -> backlog.done(steps, !giveBack(steps));
    }
  }

  private void write(List<Pending> batch, List<Pending> left) {
    var failure = complete(batch, batch.stream().map(Pending::outcome).toList());
    if (failure == null) {
      return;
    }
    if (mayPass(failure)) {
      retryLater(batch.size(), failure);
      left.addAll(batch);
    } else if (batch.size() > 1) {
      int half = batch.size() / 2;
      write(batch.subList(0, half), left);
      write(batch.subList(half, batch.size()), left);
    } else {
      replace(batch.getFirst(), failure, left);
    }
  }

  private void replace(Pending refused, Throwable why, List<Pending> left) {
    var replacement = plainFailure(refused.outcome());
    var failure = complete(List.of(refused), List.of(replacement));
    if (failure == null) {
      log.atError()
          .addKeyValue("step", refused.outcome().step().id())
          .addKeyValue("handler", refused.outcome().step().handler())
          .setCause(why)
          .log("the database refused an outcome; the step is reported as failed instead");
    } else if (!mayPass(failure)
        && refused.refusedAt() != Pending.NEVER
        && written.get() > refused.refusedAt()) {
      log.atError()
          .addKeyValue("step", refused.outcome().step().id())
          .addKeyValue("handler", refused.outcome().step().handler())
          .setCause(failure)
          .log("the database refuses an outcome for good; it is given up and the lease ends");
      events.outcomeDropped(refused.outcome(), "refused by the database");
    } else {
      retryLater(1, failure);
      left.add(mayPass(failure) ? refused : refused.refused(written.get()));
    }
  }

  private static Outcome plainFailure(Outcome refused) {
    var error =
        StepError.permanent(
            "result_refused",
            "the handler's result or error could not be stored; the broker's log says why");
    return new Outcome.Failed(refused.step(), error, false, refused.startedAt(), refused.receipt());
  }

  /** Writes in one transaction; answers what went wrong, or null. */
  private @Nullable Throwable complete(List<Pending> batch, List<Outcome> outcomes) {
    long began = time.nanos();
    Set<Claim> late;
    try {
      late = protocol.complete(outcomes);
    } catch (RuntimeException | OutOfMemoryError failure) {
      return failure;
    }
    long ended = time.nanos();
    written.addAndGet(outcomes.size());
    tellRecovery();
    events.reported(
        outcomes.size(),
        Duration.ofNanos(ended - began),
        Duration.ofNanos(ended - batch.getFirst().since()));
    if (!late.isEmpty()) {
      outcomes.stream()
          .filter(outcome -> late.contains(outcome.step().claim()))
          .forEach(this::tellLate);
    }
    return null;
  }

  private boolean giveBack(Backlog.GivenBack batch) {
    try {
      protocol.giveBack(batch.steps());
    } catch (RuntimeException failure) {
      if (mayPass(failure)) {
        retryLater(batch.steps().size(), failure);
        return false;
      }
      log.atError()
          .addKeyValue("steps", batch.steps().size())
          .setCause(failure)
          .log("steps could not be given back; they are ready again when their leases end");
      return true;
    }
    tellRecovery();
    events.stepsGivenBack(batch.steps().size(), batch.reason());
    return true;
  }

  private void retryLater(int outcomes, Throwable failure) {
    int failures = backlog.failed();
    var delay = BACKOFF.delay(failures, random.getAsDouble());
    backlog.notBefore(delay);
    events.reportFailed(outcomes, failure, delay);
    var level = mayPass(failure) ? log.atWarn() : log.atError();
    if (failures == 1 || !mayPass(failure)) {
      level
          .addKeyValue("outcomes", outcomes)
          .addKeyValue("delay_ms", delay.toMillis())
          .log("outcomes could not be written, they are kept: {}", reason(failure));
    }
  }

  private void tellRecovery() {
    int failures = backlog.succeeded();
    if (failures > 0) {
      log.atInfo().addKeyValue("failures", failures).log("outcomes can be written again");
    }
  }

  private void tellLate(Outcome outcome) {
    log.atInfo()
        .addKeyValue("step", outcome.step().id())
        .addKeyValue("handler", outcome.step().handler())
        .log("an outcome came after the lease was lost and was dropped");
    events.reportedLate(outcome);
  }

  private static boolean mayPass(Throwable failure) {
    return failure instanceof OutOfMemoryError
        || (failure instanceof ProtocolException protocolFailure && protocolFailure.isTransient());
  }

  private static String reason(Throwable failure) {
    return Text.ofGuest(String.valueOf(failure.getMessage()), 500);
  }
}
