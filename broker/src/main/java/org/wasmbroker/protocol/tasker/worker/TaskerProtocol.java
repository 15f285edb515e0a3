package org.wasmbroker.protocol.tasker.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.execution.NewWork;
import org.wasmbroker.execution.NewWorkLimit;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.ProtocolCalls;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.protocol.tasker.claim.ClaimSource;
import org.wasmbroker.protocol.tasker.claim.NotificationListener;
import org.wasmbroker.protocol.tasker.claim.SeparateQueueClaims;
import org.wasmbroker.protocol.tasker.claim.StepClaimer;
import org.wasmbroker.protocol.tasker.claim.StepIntake;
import org.wasmbroker.protocol.tasker.claim.TaskerClaim;
import org.wasmbroker.protocol.tasker.claim.TemplateCache;
import org.wasmbroker.protocol.tasker.events.DomainEventPublisher;
import org.wasmbroker.protocol.tasker.recovery.WorkerHeartbeat;
import org.wasmbroker.protocol.tasker.recovery.WorkerRecovery;
import org.wasmbroker.protocol.tasker.report.CheckpointStore;
import org.wasmbroker.protocol.tasker.report.CompletionMapper;
import org.wasmbroker.protocol.tasker.report.CompletionWriter;
import org.wasmbroker.protocol.tasker.report.ResultNotifier;
import org.wasmbroker.protocol.tasker.report.StepReporter;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.EventSink;

/**
 * The broker as one of Tasker's workers. The messages of the namespaces' queues announce steps;
 * what a step is, and who owns it, is in Tasker's tables. Claims and completions are one statement
 * for many steps.
 */
public final class TaskerProtocol implements StepProtocol {
  private static final Logger log = LoggerFactory.getLogger(TaskerProtocol.class);

  private final TaskerConfig config;
  private final TaskerWorker worker;
  private final Database database;
  private final @Nullable Database separateQueueDatabase;
  private final List<QueueName> queues;
  private final @Nullable ResultNotifier notifier;
  private final @Nullable WorkerHeartbeat heartbeat;
  private final CompletionWriter completions;
  private final CheckpointStore checkpoints;
  private final StepReporter reports;
  private final StepIntake intake;
  private final List<AutoCloseable> listeners = new CopyOnWriteArrayList<>();

  /**
   * @param database with the session of {@link TaskerSession}
   */
  public TaskerProtocol(
      Database database, TaskerConfig config, TaskerWorker worker, EventSink events) {
    this.config = config;
    this.worker = worker;
    this.database = database;
    this.separateQueueDatabase =
        config.queueDatabase() == null
            ? null
            : Database.open(config.queueDatabase(), "wasm-broker", TaskerSession.SQL);
    this.queues = config.allQueues();
    var id = UUID.fromString(worker.identity().id());
    var recovery = config.recovery();
    boolean journal = recovery != null;
    var claims = new StepClaimer(database, id, journal, queues);
    this.completions = new CompletionWriter(database, id, journal, separateQueueDatabase == null);
    ClaimSource source;
    if (separateQueueDatabase == null) {
      source = claims::claim;
      this.notifier = null;
    } else {
      source = new SeparateQueueClaims(claims, separateQueueDatabase, config.visibility());
      this.notifier = new ResultNotifier(separateQueueDatabase, journal ? database : null, events);
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
                    database,
                    recovery.deadAfter(),
                    worker.identity(),
                    completions,
                    notifier,
                    events));
    this.checkpoints = new CheckpointStore(database, journal);
    this.reports =
        new StepReporter(
            completions,
            new CompletionMapper(worker.identity()),
            new DomainEventPublisher(queueDatabase(), events),
            notifier);
    this.intake =
        new StepIntake(config, source, claims, new TemplateCache(database), reports, events);
  }

  @Override
  public void prepare() {
    ProtocolCalls.call(
        () -> {
          new WorkerSetup(database, queueDatabase(), config, worker).run();
          if (notifier != null) {
            notifier.start();
          }
          if (heartbeat != null) {
            heartbeat.start();
          }
          return queues;
        });
  }

  private Database queueDatabase() {
    return separateQueueDatabase == null ? database : separateQueueDatabase;
  }

  @Override
  public ClaimResult claim(int maxMessages) {
    return intake.claim(maxMessages);
  }

  @Override
  public Duration renewEvery() {
    return config.watchInterval();
  }

  /** Claims have no lease here: this checks what others have done to the steps. */
  @Override
  public Set<Claim> renew(Collection<Step> steps) {
    return reports.lost(steps);
  }

  @Override
  public Set<Claim> complete(List<Outcome> outcomes) {
    return reports.complete(outcomes);
  }

  @Override
  public void release(Collection<Step> steps) {
    reports.release(steps);
  }

  @Override
  public StartRecord recordStart(Step step) {
    return ProtocolCalls.recordStart(step, () -> completions.recordStart(TaskerClaim.of(step)));
  }

  @Override
  public @Nullable StepError validateResult(Step step, Document result, NewWork allowed) {
    return NewWorkLimit.requestsSteps(result)
        ? StepError.permanent(
            "new_steps_not_supported",
            "the result asks for new steps (%s), which Tasker's orchestrator creates itself:"
                    .formatted(NewWorkLimit.NEW_STEPS)
                + " a decision or a batchable step does that")
        : TaskerClaim.of(step).problem(result, allowed.most());
  }

  @Override
  public CheckpointResult saveCheckpoint(Step step, ModuleId module, Checkpoint checkpoint) {
    try {
      return checkpoints.save(step, module, checkpoint, Instant.now());
    } catch (SqlFailure failure) {
      return new CheckpointResult.Failed(String.valueOf(failure.getMessage()));
    }
  }

  @Override
  public Subscription subscribe(Runnable wakeUp) {
    var listener = NotificationListener.create(queueDatabase(), queues, wakeUp);
    listeners.add(listener);
    listener.start();
    return () -> {
      listener.close();
      listeners.remove(listener);
    };
  }

  @Override
  public void close() {
    intake.drain();
    for (var listener : listeners) {
      try {
        listener.close();
      } catch (Exception failure) {
        log.warn("a listener could not be closed", failure);
      }
    }
    listeners.clear();
    // Unsent result messages belong to this worker as long as it has a heartbeat.
    if (notifier != null) {
      notifier.close();
    }
    if (heartbeat != null) {
      heartbeat.close();
    }
    if (separateQueueDatabase != null) {
      separateQueueDatabase.close();
    }
  }
}
