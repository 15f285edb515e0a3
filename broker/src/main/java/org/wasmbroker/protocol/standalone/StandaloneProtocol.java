package org.wasmbroker.protocol.standalone;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.OutageLog;
import org.wasmbroker.execution.NewWork;
import org.wasmbroker.execution.NewWorkLimit;
import org.wasmbroker.pgmq.Archival;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Lease;
import org.wasmbroker.pgmq.LeasedMessage;
import org.wasmbroker.pgmq.LeasedQueue;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueListener;
import org.wasmbroker.pgmq.Requeue;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.Bisection;
import org.wasmbroker.protocol.ProtocolCalls;
import org.wasmbroker.protocol.SetupProblem;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.IntakeEvent;

/**
 * Steps as self-contained messages. The visibility timeout of a message is its lease. Every call is
 * one statement; only a claim that finds invalid messages takes a second one, to dead-letter them.
 */
public final class StandaloneProtocol implements StepProtocol {
  /** For what reasons messages are dead-lettered, as in the letters and in metrics. */
  public static final List<String> DEAD_LETTER_REASONS =
      Arrays.stream(DeadLetter.Reason.values()).map(DeadLetter.Reason::code).toList();

  private static final Logger log = LoggerFactory.getLogger(StandaloneProtocol.class);
  private static final String DATABASE = "the database";

  private final Database database;
  private final StandaloneConfig config;
  private final WorkerIdentity worker;
  private final EventSink events;
  private final LeasedQueue queue;
  private final ClaimReader reader;
  private final StepMessageSchema messages = new StepMessageSchema();
  private final OutageLog deadLetterOutage =
      new OutageLog(log, "messages cannot be dead-lettered", "messages can be dead-lettered again");
  private final List<QueueListener> listeners = new CopyOnWriteArrayList<>();

  public StandaloneProtocol(
      Database database, StandaloneConfig config, WorkerIdentity worker, EventSink events) {
    this.database = database;
    this.config = config;
    this.worker = worker;
    this.reader = new ClaimReader(config, worker);
    this.events = events;
    this.queue =
        new LeasedQueue(
            database, config.queue(), config.results(), config.deadLetters(), config.archives());
  }

  @Override
  public void prepare() {
    ProtocolCalls.call(
        () -> {
          var pgmq = new Pgmq(database);
          PgmqVersion.check(pgmq.installedVersion());
          var check = new StandaloneCheck(database, config);
          SetupProblem.throwIfAny(DATABASE, check.checkAccess());
          SetupProblem.throwIfAny(
              DATABASE,
              Stream.concat(check.checkQueues().stream(), check.checkPrivileges().stream())
                  .toList());
          config.allQueues().forEach(pgmq::createIfMissing);
          return config;
        });
  }

  @Override
  public ClaimResult claim(int atMost) {
    if (atMost < 1) {
      throw new IllegalArgumentException("a claim must be for at least 1 message, was " + atMost);
    }
    var messages = ProtocolCalls.call(() -> claimReadable(atMost));
    var claimed = reader.read(messages);
    if (!claimed.rejected().isEmpty()) {
      deadLetter(claimed.rejected());
    }
    if (!claimed.unread().isEmpty()) {
      releaseUnread(claimed.unread());
    }
    return new ClaimResult(claimed.steps(), messages.size());
  }

  /** One message that is too long to be read would keep all others in the queue. */
  private List<LeasedMessage> claimReadable(int atMost) {
    try {
      return queue.claim(config.lease(), atMost);
    } catch (SqlFailure failure) {
      int aside =
          failure.kind() == SqlFailure.Kind.DATA
              ? queue.setUnreadableAside(atMost, unreadable().json().text())
              : 0;
      if (aside == 0) {
        throw failure;
      }
      for (int i = 0; i < aside; i++) {
        events.on(
            new IntakeEvent.DeadLettered(config.queue().value(), DeadLetter.Reason.INVALID.code()));
      }
      return queue.claim(config.lease(), atMost);
    }
  }

  private DeadLetter unreadable() {
    return new DeadLetter(
        DeadLetter.Reason.INVALID,
        "the message has too much text to be read; it is in the archive of its queue",
        0,
        null,
        null,
        worker.id());
  }

  /**
   * A failure here only costs time: the messages are read again when their leases expire. One that
   * cannot be dead-lettered does not keep the others in the queue.
   */
  private void deadLetter(List<Disposition> rejected) {
    Bisection.write(
        rejected,
        this::tryApply,
        failure -> !(failure instanceof SqlFailure sql && sql.isTransient()),
        (refused, failure) -> deadLetterOutage.failed(SqlFailure.severityOf(failure), failure));
  }

  private @Nullable Throwable tryApply(List<Disposition> dispositions) {
    try {
      apply(dispositions);
      deadLetterOutage.succeeded();
      return null;
    } catch (RuntimeException | OutOfMemoryError failure) {
      return failure;
    }
  }

  private void releaseUnread(List<MessageClaim> unread) {
    log.atError()
        .addKeyValue("messages", unread.size())
        .log("claimed messages could not be read for lack of memory and are released");
    try {
      releaseClaims(unread);
    } catch (RuntimeException | OutOfMemoryError failure) {
      log.atWarn().log("they become available when their leases expire: {}", failure.getMessage());
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
  public StartRecord recordStart(Step step) {
    var claim = claimOf(step);
    return ProtocolCalls.recordStart(
        step, () -> queue.setHeaders(claim.lease(), MessageHeaders.ofStart(claim)));
  }

  @Override
  public @Nullable StepError validateResult(Step step, Document result, NewWork allowed) {
    var problem = NewWorkLimit.violation(result, allowed);
    return problem == null && NewWorkLimit.requestsSteps(result)
        ? NewStepMessages.problem(step, result, allowed, messages)
        : problem;
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
      case Outcome.Completed completed ->
          Disposition.completed(
              claim,
              completed,
              NewStepMessages.of(completed.step(), completed.result(), messages),
              worker);
      case Outcome.Failed failed ->
          Disposition.failed(
              claim, failed, failed.exhausted() ? exhaustedLetter(failed) : null, worker);
      case Outcome.Retry retry -> Disposition.requeued(claim, retry);
    };
  }

  private DeadLetter exhaustedLetter(Outcome.Failed failed) {
    var attempt = failed.step().attempt();
    return new DeadLetter(
        DeadLetter.Reason.EXHAUSTED,
        "all %d attempts failed".formatted(attempt.max()),
        attempt.number(),
        failed.error(),
        failed.receipt(),
        worker.id());
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
    ProtocolCalls.call(
        () -> {
          var claims = steps.stream().map(StandaloneProtocol::claimOf).toList();
          releaseClaims(claims);
          return claims;
        });
  }

  private void releaseClaims(List<MessageClaim> claims) {
    queue.release(
        claims.stream()
            .map(
                claim -> new Requeue(claim.lease(), Duration.ZERO, MessageHeaders.ofRelease(claim)))
            .toList());
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
