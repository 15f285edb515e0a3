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
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Ending;
import org.wasmbroker.pgmq.Lease;
import org.wasmbroker.pgmq.LeasedMessage;
import org.wasmbroker.pgmq.LeasedQueue;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueListener;
import org.wasmbroker.pgmq.Return;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.NewWorkLimit;
import org.wasmbroker.protocol.ProtocolCalls;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.protocol.StorableOutcomes;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.BrokerEvents;

/**
 * Steps as self-contained messages. The visibility timeout of a message is its lease; every call is
 * one statement, and only a claim that meets messages which are no steps takes a second one, to
 * dead-letter them.
 */
public final class StandaloneProtocol implements StepProtocol {
  private static final Logger LOG = LoggerFactory.getLogger(StandaloneProtocol.class);

  private final Database database;
  private final StandaloneConfig config;
  private final WorkerIdentity worker;
  private final BrokerEvents events;
  private final LeasedQueue queue;
  private final StepMessageSchema schema = new StepMessageSchema();
  private final List<QueueListener> listeners = new CopyOnWriteArrayList<>();

  public StandaloneProtocol(
      Database database, StandaloneConfig config, WorkerIdentity worker, BrokerEvents events) {
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
      throw new IllegalArgumentException("a claim asks for at least 1 message, was " + atMost);
    }
    var messages = ProtocolCalls.call(() -> queue.claim(config.lease(), atMost));
    var steps = new ArrayList<Step>(messages.size());
    var refused = new ArrayList<Settlement>();
    for (var message : messages) {
      var claim = new MessageClaim(message.lease(), MessageHeaders.of(message.headers()));
      var step = step(message, claim);
      if (step == null) {
        refused.add(invalid(message, claim));
      } else if (claim.lost() >= config.lostClaims()) {
        refused.add(poisoned(step, claim));
      } else {
        steps.add(step);
      }
    }
    if (!refused.isEmpty()) {
      bury(refused);
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

  @Override
  public @Nullable StepError validateResult(Step step, Document result, int newWork) {
    return NewWorkLimit.violation(result, newWork);
  }

  private Settlement invalid(LeasedMessage message, MessageClaim claim) {
    var source = message.message();
    var problems = source == null ? List.of("no message at all") : schema.problems(source);
    var detail =
        problems.isEmpty() ? "the message cannot be read as a step" : String.join("; ", problems);
    return Settlement.buried(claim, new DeadLetter(DeadLetter.Reason.INVALID, detail, 0, null));
  }

  private Settlement poisoned(Step step, MessageClaim claim) {
    var error =
        StepError.permanent(
            "poisoned",
            "the step was claimed %d times with no word of what became of it, as when a worker dies"
                    .formatted(claim.lost())
                + " of it");
    var outcome =
        new Outcome.Failed(step, error, false, step.readyAt(), Receipt.none(Duration.ZERO));
    var letter =
        new DeadLetter(
            DeadLetter.Reason.POISONED, error.message(), claim.headers().failures(), error);
    return Settlement.failed(claim, outcome, letter, worker);
  }

  /** A failure here costs nothing but time: the messages are read again when their leases end. */
  private void bury(List<Settlement> refused) {
    try {
      settle(refused);
    } catch (SqlFailure failure) {
      LOG.atWarn()
          .addKeyValue("messages", refused.size())
          .addKeyValue("cause", failure.getMessage())
          .log("messages that are no steps could not be dead-lettered yet");
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
    var lost = new HashSet<Claim>();
    if (!outcomes.isEmpty()) {
      ProtocolCalls.call(() -> lost.addAll(StorableOutcomes.write(outcomes, this::settleOutcomes)));
    }
    return lost;
  }

  private Set<Claim> settleOutcomes(List<Outcome> outcomes) {
    return settle(outcomes.stream().map(this::settlement).toList());
  }

  private Settlement settlement(Outcome outcome) {
    var claim = claimOf(outcome.step());
    return switch (outcome) {
      case Outcome.Completed completed -> Settlement.completed(claim, completed, worker);
      case Outcome.Failed failed ->
          Settlement.failed(claim, failed, failed.exhausted() ? exhausted(failed) : null, worker);
      case Outcome.Retry retry -> Settlement.retried(claim, retry.delay());
    };
  }

  private static DeadLetter exhausted(Outcome.Failed failed) {
    var attempt = failed.step().attempt();
    return new DeadLetter(
        DeadLetter.Reason.EXHAUSTED,
        "all %d attempts failed".formatted(attempt.max()),
        attempt.number(),
        failed.error());
  }

  private Set<Claim> settle(List<Settlement> settlements) {
    var endings = new ArrayList<Ending>(settlements.size());
    var returns = new ArrayList<Return>();
    var claims = HashMap.<Lease, Claim>newHashMap(settlements.size());
    for (var settlement : settlements) {
      claims.put(settlement.claim().lease(), settlement.claim());
      switch (settlement) {
        case Settlement.End end -> endings.add(end.ending());
        case Settlement.Again again -> returns.add(again.entry());
      }
    }
    var lost = claims(queue.settle(endings, returns), claims);
    for (var settlement : settlements) {
      if (settlement instanceof Settlement.End end
          && end.letter() != null
          && !lost.contains(end.claim())) {
        events.deadLettered(config.queue().value(), end.letter().reason().word());
      }
    }
    return lost;
  }

  @Override
  public void release(Collection<Step> steps) {
    if (steps.isEmpty()) {
      return;
    }
    var returns =
        steps.stream()
            .map(StandaloneProtocol::claimOf)
            .map(claim -> new Return(claim.lease(), Duration.ZERO, claim.headers().givenBack() + 1))
            .toList();
    ProtocolCalls.call(
        () -> {
          queue.giveBack(returns);
          return returns;
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
