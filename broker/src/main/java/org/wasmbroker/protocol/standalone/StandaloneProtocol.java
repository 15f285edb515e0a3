package org.wasmbroker.protocol.standalone;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.document.Problem;
import org.wasmbroker.pgmq.Archival;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Lease;
import org.wasmbroker.pgmq.LeasedMessage;
import org.wasmbroker.pgmq.LeasedQueue;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueListener;
import org.wasmbroker.pgmq.Requeue;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.ProtocolCalls;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.IntakeEvent;

/**
 * Steps as self-contained messages. The visibility timeout of a message is its lease. Every call is
 * one statement; only a claim that finds invalid messages takes a second one, to dead-letter them.
 */
public final class StandaloneProtocol implements StepProtocol {
  private static final Logger log = LoggerFactory.getLogger(StandaloneProtocol.class);

  private final Database database;
  private final StandaloneConfig config;
  private final WorkerIdentity worker;
  private final EventSink events;
  private final LeasedQueue queue;
  private final StepMessageSchema schema = new StepMessageSchema();
  private final List<QueueListener> listeners = new CopyOnWriteArrayList<>();

  public StandaloneProtocol(
      Database database, StandaloneConfig config, WorkerIdentity worker, EventSink events) {
    this.database = database;
    this.config = config;
    this.worker = worker;
    this.events = events;
    this.queue = new LeasedQueue(database, config.queue(), config.results(), config.deadLetters());
  }

  @Override
  public void prepare() {
    ProtocolCalls.call(
        () -> {
          var pgmq = new Pgmq(database);
          PgmqVersion.check(pgmq.installedVersion());
          for (var name : List.of(config.queue(), config.results(), config.deadLetters())) {
            pgmq.createIfMissing(name);
          }
          return pgmq.ensureNotifications(config.queue(), config.notifyInterval());
        });
  }

  @Override
  public ClaimResult claim(int atMost) {
    if (atMost < 1) {
      throw new IllegalArgumentException("a claim must be for at least 1 message, was " + atMost);
    }
    var messages = ProtocolCalls.call(() -> queue.claim(config.lease(), atMost));
    var steps = new ArrayList<Step>(messages.size());
    var rejected = new ArrayList<Disposition>();
    for (var message : messages) {
      var claim = new MessageClaim(message.lease(), MessageHeaders.of(message.headers()));
      var step = step(message, claim);
      if (step == null) {
        rejected.add(invalidMessage(message, claim));
      } else if (claim.lostClaims() >= config.lostClaims()) {
        rejected.add(poisoned(step, claim));
      } else {
        steps.add(step);
      }
    }
    if (!rejected.isEmpty()) {
      deadLetter(rejected);
    }
    return new ClaimResult(steps, messages.size());
  }

  private @Nullable Step step(LeasedMessage message, MessageClaim claim) {
    var source = message.message();
    var parsed = source == null ? null : StepMessageReader.read(source);
    if (source == null || parsed == null) {
      return null;
    }
    var name = parsed.name() == null ? parsed.handler().name() : parsed.name();
    var timeout = parsed.timeout() == null ? config.timeout() : parsed.timeout();
    var attempt =
        new Attempt(
            claim.headers().failures() + 1,
            parsed.maxAttempts() == null ? config.maxAttempts() : parsed.maxAttempts());
    return new Step(
        parsed.ids(),
        name,
        parsed.handler(),
        attempt,
        timeout,
        StepDocument.of(parsed, name, attempt, timeout.toMillis(), source),
        claim,
        message.visibleSince(),
        claim.headers().trace());
  }

  private Disposition invalidMessage(LeasedMessage message, MessageClaim claim) {
    var source = message.message();
    var detail = source == null ? "the message is null" : Problem.join(schema.problems(source));
    return Disposition.invalid(claim, new DeadLetter(DeadLetter.Reason.INVALID, detail, 0, null));
  }

  private Disposition poisoned(Step step, MessageClaim claim) {
    var error =
        StepError.permanent(
            "poisoned",
            "the step was claimed %d times without an outcome, as when a step kills its worker"
                .formatted(claim.lostClaims()));
    var outcome =
        new Outcome.Failed(step, error, false, step.readyAt(), Receipt.none(Duration.ZERO));
    var letter =
        new DeadLetter(
            DeadLetter.Reason.POISONED, error.message(), claim.headers().failures(), error);
    return Disposition.failed(claim, outcome, letter, worker);
  }

  /** A failure here only costs time: the messages are read again when their leases expire. */
  private void deadLetter(List<Disposition> rejected) {
    try {
      apply(rejected);
    } catch (SqlFailure failure) {
      log.atWarn()
          .addKeyValue("messages", rejected.size())
          .addKeyValue("cause", failure.getMessage())
          .log("invalid messages could not be dead-lettered yet");
    }
  }

  @Override
  public Duration renewEvery() {
    return config.lease().dividedBy(3);
  }

  @Override
  public Set<Claim> renew(Collection<Step> steps) {
    if (steps.isEmpty()) {
      return Set.of();
    }
    var claims = new HashMap<Lease, Claim>();
    steps.forEach(step -> claims.put(claimOf(step).lease(), step.claim()));
    return claims(ProtocolCalls.call(() -> queue.renew(claims.keySet(), config.lease())), claims);
  }

  @Override
  public Set<Claim> complete(List<Outcome> outcomes) {
    return outcomes.isEmpty()
        ? Set.of()
        : ProtocolCalls.call(() -> apply(outcomes.stream().map(this::disposition).toList()));
  }

  private Disposition disposition(Outcome outcome) {
    var claim = claimOf(outcome.step());
    return switch (outcome) {
      case Outcome.Completed completed -> Disposition.completed(claim, completed, worker);
      case Outcome.Failed failed ->
          Disposition.failed(
              claim, failed, failed.exhausted() ? exhaustedLetter(failed) : null, worker);
      case Outcome.Retry retry -> Disposition.requeued(claim, retry.delay());
    };
  }

  private static DeadLetter exhaustedLetter(Outcome.Failed failed) {
    var attempt = failed.step().attempt();
    return new DeadLetter(
        DeadLetter.Reason.EXHAUSTED,
        "all %d attempts failed".formatted(attempt.max()),
        attempt.number(),
        failed.error());
  }

  private Set<Claim> apply(List<Disposition> dispositions) {
    var archivals = new ArrayList<Archival>(dispositions.size());
    var requeues = new ArrayList<Requeue>();
    var claims = HashMap.<Lease, Claim>newHashMap(dispositions.size());
    for (var disposition : dispositions) {
      claims.put(disposition.claim().lease(), disposition.claim());
      switch (disposition) {
        case Disposition.Archived end -> archivals.add(end.archival());
        case Disposition.Requeued again -> requeues.add(again.entry());
      }
    }
    var lost = claims(queue.complete(archivals, requeues), claims);
    for (var disposition : dispositions) {
      if (disposition instanceof Disposition.Archived end
          && end.letter() != null
          && !lost.contains(end.claim())) {
        events.on(
            new IntakeEvent.DeadLettered(config.queue().value(), end.letter().reason().code()));
      }
    }
    return lost;
  }

  @Override
  public void release(Collection<Step> steps) {
    if (steps.isEmpty()) {
      return;
    }
    var requeues =
        steps.stream()
            .map(StandaloneProtocol::claimOf)
            .map(claim -> new Requeue(claim.lease(), Duration.ZERO, claim.headers().releases() + 1))
            .toList();
    ProtocolCalls.call(
        () -> {
          queue.release(requeues);
          return requeues;
        });
  }

  @Override
  public Subscription subscribe(Runnable wakeUp) {
    var listener = new QueueListener(database, config.queue(), config.notifyInterval(), wakeUp);
    listeners.add(listener);
    listener.start();
    return () -> {
      listener.close();
      listeners.remove(listener);
    };
  }

  @Override
  public void close() {
    listeners.forEach(QueueListener::close);
    listeners.clear();
  }

  private static Set<Claim> claims(Set<Lease> leases, Map<Lease, Claim> claims) {
    var found = new HashSet<Claim>();
    for (var lease : leases) {
      var claim = claims.get(lease);
      if (claim != null) {
        found.add(claim);
      }
    }
    return found;
  }

  private static MessageClaim claimOf(Step step) {
    return (MessageClaim) step.claim();
  }
}
