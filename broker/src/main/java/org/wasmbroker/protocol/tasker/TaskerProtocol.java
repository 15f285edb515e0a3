package org.wasmbroker.protocol.tasker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.DatabaseCalls;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.protocol.StorableOutcomes;
import org.wasmbroker.protocol.tasker.StepAssembly.Assembled;
import org.wasmbroker.protocol.tasker.template.ResultRules;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.Text;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.BrokerEvents;

/**
 * The broker as one of Tasker's workers. The messages of the namespaces' queues tell of steps; what
 * a step is, and whose, stands in Tasker's tables. Claims and completions are one statement for
 * many steps.
 */
public final class TaskerProtocol implements StepProtocol {
  private static final Logger LOG = LoggerFactory.getLogger(TaskerProtocol.class);

  private final TaskerConfig config;
  private final TaskerWorker worker;
  private final BrokerEvents events;
  private final Database database;
  private final @Nullable Database ownQueueDatabase;
  private final List<QueueName> queues;
  private final StepClaims claims;
  private final Completions completions;
  private final StepQueues stepQueues;
  private final @Nullable WorkerHeartbeat heartbeat;
  private final DomainEvents domainEvents;
  private final CheckpointKeeper checkpoints;
  private final TaskerResults results;
  private final TemplateCache templates;
  private final StepAssembly assembly;
  private final List<AutoCloseable> listeners = new CopyOnWriteArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();
  private final Leftovers leftovers;

  /** How steps end that no guest has to run. */
  private final Queue<Outcome> settled = new ConcurrentLinkedQueue<>();

  /**
   * @param database with the session of {@link TaskerSession}
   */
  public TaskerProtocol(
      Database database, TaskerConfig config, TaskerWorker worker, BrokerEvents events) {
    this.config = config;
    this.worker = worker;
    this.events = events;
    this.database = database;
    this.ownQueueDatabase =
        config.queueDatabase() == null
            ? null
            : Database.open(config.queueDatabase(), "wasm-broker", TaskerSession.SQL);
    this.queues = config.allQueues();
    var id = UUID.fromString(worker.identity().id());
    var recovery = config.recovery();
    boolean journal = recovery != null;
    this.claims = new StepClaims(database, id, journal, queues);
    this.completions = new Completions(database, id, journal, ownQueueDatabase == null);
    SplitResults later = null;
    if (ownQueueDatabase == null) {
      this.stepQueues = new SharedDatabase(claims, completions);
    } else {
      var split = new SplitQueues(ownQueueDatabase);
      later = new SplitResults(split, journal ? database : null, events);
      this.stepQueues = new SplitDatabases(claims, completions, split, later, config.visibility());
    }
    this.heartbeat =
        recovery == null
            ? null
            : new WorkerHeartbeat(
                database,
                recovery,
                worker.identity(),
                worker.version(),
                new WorkerRecovery(
                    database, recovery.deadAfter(), worker.identity(), completions, later, events));
    this.domainEvents = new DomainEvents(queueDatabase(), events);
    this.checkpoints = new CheckpointKeeper(database);
    this.results = new TaskerResults(worker.identity());
    this.templates = new TemplateCache(database);
    this.assembly = new StepAssembly(config.timeout());
    this.leftovers =
        new Leftovers(
            batch -> claims.adopt(batch, templates.withoutEvents()).steps(), TimeSource.SYSTEM);
  }

  @Override
  public void prepare() {
    DatabaseCalls.asked(
        () -> {
          new Preparation(database, queueDatabase(), config, worker).run();
          stepQueues.start();
          if (heartbeat != null) {
            heartbeat.start();
          }
          return queues;
        });
  }

  private Database queueDatabase() {
    return ownQueueDatabase == null ? database : ownQueueDatabase;
  }

  @Override
  public Claimed claim(int atMost) {
    if (atMost < 1) {
      throw new IllegalArgumentException("a claim asks for at least 1 message, was " + atMost);
    }
    return DatabaseCalls.asked(
        () -> {
          var left = leftovers.take(atMost);
          var steps = new ArrayList<Step>(assembled(left));
          int read = left.size();
          int first = turn.getAndIncrement();
          for (int i = 0; i < queues.size() && read < atMost; i++) {
            var queue = queues.get(Math.floorMod(first + i, queues.size()));
            try {
              var taken = take(queue, atMost - read);
              read += taken.messages();
              steps.addAll(assembled(taken.steps()));
            } catch (SqlFailure failure) {
              if (steps.isEmpty()) {
                throw failure;
              }
              LOG.atWarn()
                  .addKeyValue("queue", queue)
                  .log("a queue could not be read: {}", failure.getMessage());
              break;
            }
          }
          writeSettled();
          return new Claimed(steps, read);
        });
  }

  private StepClaims.Taken take(QueueName queue, int atMost) {
    var batch = UUID.randomUUID();
    StepClaims.Taken taken;
    try {
      taken = stepQueues.take(queue, atMost, batch, templates.withoutEvents());
    } catch (SqlFailure failure) {
      if (config.recovery() != null && failure.isTransient()) {
        leftovers.unanswered(batch);
      }
      throw failure;
    }
    for (var text : taken.unreadable()) {
      LOG.atWarn()
          .addKeyValue("queue", queue)
          .addKeyValue("message", Text.ofGuest(text, 200))
          .log("a message names no step and went to the archive");
      events.deadLettered(queue.value(), "invalid");
    }
    return taken;
  }

  private List<Step> assembled(List<ClaimedRow> rows) {
    if (rows.isEmpty()) {
      return List.of();
    }
    var steps = new ArrayList<Step>(rows.size());
    try {
      var known = templates.get(rows.stream().map(ClaimedRow::definition).distinct().toList());
      for (var row : rows) {
        switch (assembly.assemble(row, known)) {
          case Assembled.ToRun(var step) -> steps.add(step);
          case Assembled.Settled(var outcome) -> settled.add(outcome);
        }
      }
      return steps;
    } catch (SqlFailure failure) {
      leftovers.add(rows);
      throw failure;
    }
  }

  /** A failure here costs nothing but time: they are written with the next call. */
  private void writeSettled() {
    var outcomes = new ArrayList<Outcome>();
    for (var next = settled.poll(); next != null; next = settled.poll()) {
      outcomes.add(next);
    }
    if (outcomes.isEmpty()) {
      return;
    }
    try {
      var lost = complete(outcomes);
      for (var outcome : outcomes) {
        if (!lost.contains(outcome.step().claim())) {
          events.stepEnded(outcome);
        }
      }
    } catch (RuntimeException failure) {
      settled.addAll(outcomes);
      LOG.atWarn()
          .addKeyValue("steps", outcomes.size())
          .log("steps that need no run could not be completed yet: {}", failure.getMessage());
    }
  }

  @Override
  public Duration renewEvery() {
    return config.watch();
  }

  /** A claim has no end in time here: what is looked for is what others have done to the steps. */
  @Override
  public Set<Claim> renew(Collection<Step> steps) {
    if (steps.isEmpty()) {
      return Set.of();
    }
    return DatabaseCalls.asked(
        () -> {
          var held = steps.stream().map(TaskerClaim::of).toList();
          var lost = completions.lost(held);
          completions.forget(lost);
          return held.stream()
              .filter(claim -> lost.contains(claim.transition()))
              .collect(Collectors.toSet());
        });
  }

  @Override
  public Set<Claim> complete(List<Outcome> outcomes) {
    var once = new LinkedHashMap<Claim, Outcome>();
    outcomes.forEach(outcome -> once.putIfAbsent(outcome.step().claim(), outcome));
    if (once.isEmpty()) {
      return Set.of();
    }
    return DatabaseCalls.asked(
        () -> StorableOutcomes.write(List.copyOf(once.values()), this::write));
  }

  private Set<Claim> write(List<Outcome> outcomes) {
    var ends = outcomes.stream().map(results::completion).toList();
    var ended = report(ends);
    publish(outcomes, ends, ended);
    return outcomes.stream()
        .map(outcome -> outcome.step().claim())
        .filter(claim -> claim instanceof TaskerClaim held && !ended.contains(held.transition()))
        .collect(Collectors.toSet());
  }

  /** Answers the transitions of the claims that were not lost. */
  private Set<UUID> report(List<Completion> ends) {
    var ended = new HashSet<>(stepQueues.complete(ends));
    if (ended.size() < ends.size()) {
      var missing = ends.stream().filter(end -> !ended.contains(end.transition())).toList();
      var before = completions.writtenBefore(missing);
      stepQueues.completedBefore(
          missing.stream().filter(end -> before.contains(end.transition())).toList());
      ended.addAll(before);
      completions.forget(
          missing.stream()
              .map(Completion::transition)
              .filter(transition -> !before.contains(transition))
              .toList());
    }
    return ended;
  }

  /** Of steps that were completed; what goes wrong here changes nothing for them. */
  private void publish(List<Outcome> outcomes, List<Completion> ends, Set<UUID> ended) {
    var sources = new ArrayList<EventSource>();
    for (int i = 0; i < outcomes.size(); i++) {
      var source = EventSource.of(outcomes.get(i), ends.get(i));
      if (source != null && ended.contains(ends.get(i).transition())) {
        sources.add(source);
      }
    }
    if (!sources.isEmpty()) {
      domainEvents.publish(sources);
    }
  }

  @Override
  public void giveBack(Collection<Step> steps) {
    if (steps.isEmpty()) {
      return;
    }
    DatabaseCalls.asked(() -> report(steps.stream().map(results::givenBack).toList()));
  }

  @Override
  public @Nullable StepError problem(Step step, Document result, int newWork) {
    var claim = TaskerClaim.of(step);
    var template = claim.template();
    var definition = claim.definition();
    return template == null || definition == null
        ? null
        : ResultRules.problem(template, definition, result, newWork);
  }

  @Override
  public Progress keep(Step step, Checkpoint checkpoint) {
    return DatabaseCalls.asked(() -> checkpoints.keep(step, checkpoint, Instant.now()));
  }

  @Override
  public Subscription onArrival(Runnable wakeUp) {
    var listener = Arrivals.listener(queueDatabase(), queues, wakeUp);
    listeners.add(listener);
    listener.start();
    return () -> {
      listener.close();
      listeners.remove(listener);
    };
  }

  /** Steps that were taken and that nobody will ask for any more. */
  private void giveBackLeftovers() {
    try {
      var left = leftovers.take(Integer.MAX_VALUE);
      if (!left.isEmpty()) {
        giveBack(left.stream().map(StepAssembly::unread).toList());
      }
    } catch (RuntimeException failure) {
      LOG.atWarn().log("not every step could be given back: {}", failure.getMessage());
    }
  }

  @Override
  public void close() {
    writeSettled();
    giveBackLeftovers();
    for (var listener : listeners) {
      try {
        listener.close();
      } catch (Exception failure) {
        LOG.warn("a listener did not close", failure);
      }
    }
    listeners.clear();
    // Results that are not told of yet stay this worker's to tell as long as it is heard.
    stepQueues.close();
    if (heartbeat != null) {
      heartbeat.close();
    }
    if (ownQueueDatabase != null) {
      ownQueueDatabase.close();
    }
  }
}
