package org.wasmbroker.protocol.tasker.claim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.OutageLog;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.Bisection;
import org.wasmbroker.protocol.ProtocolCalls;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.StepProtocol.ClaimResult;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.protocol.tasker.claim.ClaimedRow.TemplateKey;
import org.wasmbroker.protocol.tasker.claim.StepAssembler.Assembled;
import org.wasmbroker.protocol.tasker.claim.TemplateCache.CachedTemplate;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.telemetry.StepEvent;

/**
 * Claims steps from the queues, starting with a different one each time, and assembles what their
 * guests read. Steps that need no guest are completed here. No claimed step is lost if a later
 * statement fails.
 */
public final class StepIntake {
  private static final Logger log = LoggerFactory.getLogger(StepIntake.class);

  private final TaskerConfig config;
  private final List<QueueName> queues;
  private final ClaimSource source;
  private final TemplateCache templates;
  private final StepAssembler assembly;
  private final OutcomeSink outcomes;
  private final EventSink events;
  private final UndeliveredClaims undelivered;
  private final AtomicInteger nextQueue = new AtomicInteger();
  private final OutageLog queueOutage =
      new OutageLog(log, "one of several queues cannot be read", "every queue can be read again");
  private final OutageLog finishedOutage =
      new OutageLog(
          log,
          "steps that need no run cannot be completed",
          "steps that need no run can be completed again");

  /** Outcomes of steps that need no guest. */
  private final Queue<Outcome> finished = new ConcurrentLinkedQueue<>();

  public StepIntake(
      TaskerConfig config,
      ClaimSource source,
      StepClaimer claims,
      TemplateCache templates,
      OutcomeSink outcomes,
      EventSink events) {
    this.config = config;
    this.queues = config.allQueues();
    this.source = source;
    this.templates = templates;
    this.assembly = new StepAssembler(config.defaultTimeout());
    this.outcomes = outcomes;
    this.events = events;
    this.undelivered =
        new UndeliveredClaims(
            batch -> claims.findBatch(batch, templates.tasksWithoutEvents()).steps(),
            TimeSource.SYSTEM);
  }

  public ClaimResult claim(int maxMessages) {
    if (maxMessages < 1) {
      throw new IllegalArgumentException(
          "a claim must request at least 1 message, was " + maxMessages);
    }
    return ProtocolCalls.call(
        () -> {
          var undeliveredRows = undelivered.poll(maxMessages);
          var steps = new ArrayList<Step>(assemble(undeliveredRows));
          int read = undeliveredRows.size();
          int first = nextQueue.getAndIncrement();
          for (int i = 0; i < queues.size() && read < maxMessages; i++) {
            var queue = queues.get(Math.floorMod(first + i, queues.size()));
            try {
              var taken = claimFrom(queue, maxMessages - read);
              read += taken.messages();
              steps.addAll(assemble(taken.steps()));
              queueOutage.succeeded();
            } catch (RuntimeException | OutOfMemoryError failure) {
              if (steps.isEmpty()) {
                throw failure;
              }
              queueOutage.failed(ProtocolException.severityOf(failure), failure);
              break;
            }
          }
          completeFinished();
          return new ClaimResult(steps, read);
        });
  }

  private StepClaimer.ClaimedBatch claimFrom(QueueName queue, int maxMessages) {
    var batch = UUID.randomUUID();
    StepClaimer.ClaimedBatch taken;
    try {
      taken = source.claim(queue, maxMessages, batch, templates.tasksWithoutEvents());
    } catch (RuntimeException | OutOfMemoryError failure) {
      if (config.recovery() != null && mayBeCommitted(failure)) {
        undelivered.addInDoubt(batch);
      }
      throw failure;
    }
    for (var text : taken.unreadable()) {
      log.atWarn()
          .addKeyValue("queue", queue)
          .addKeyValue("message", SafeText.sanitize(text, 200))
          .log("a message does not name a step and was archived");
      events.on(new IntakeEvent.DeadLettered(queue.value(), "invalid"));
    }
    return taken;
  }

  /** Whether only the response may be lost; a statement that was refused has changed nothing. */
  private static boolean mayBeCommitted(Throwable failure) {
    return !(failure instanceof SqlFailure sql) || sql.isTransient();
  }

  private List<Step> assemble(List<ClaimedRow> rows) {
    if (rows.isEmpty()) {
      return List.of();
    }
    Map<TemplateKey, CachedTemplate> known;
    try {
      known = templates.get(rows.stream().map(ClaimedRow::templateKey).distinct().toList());
    } catch (RuntimeException | OutOfMemoryError failure) {
      undelivered.add(rows);
      throw failure;
    }
    var steps = new ArrayList<Step>(rows.size());
    for (var row : rows) {
      assemble(row, known, steps);
    }
    return steps;
  }

  private void assemble(ClaimedRow row, Map<TemplateKey, CachedTemplate> known, List<Step> steps) {
    try {
      switch (assembly.assemble(row, known)) {
        case Assembled.Ready(var step) -> steps.add(step);
        case Assembled.Finished(var outcome) -> finished.add(outcome);
      }
    } catch (OutOfMemoryError outOfMemory) {
      undelivered.add(List.of(row)); // it may fit later; the others go on
      log.atError()
          .addKeyValue("step", row.step())
          .log("a claimed step does not fit into memory yet and is assembled again");
    }
  }

  /** After a failure they are written with the next call. */
  private void completeFinished() {
    var ended = new ArrayList<Outcome>();
    for (var next = finished.poll(); next != null; next = finished.poll()) {
      ended.add(next);
    }
    if (ended.isEmpty()) {
      return;
    }
    Bisection.write(
        ended,
        this::tryComplete,
        failure -> !(failure instanceof ProtocolException known && known.isTransient()),
        (refused, failure) -> {
          finished.addAll(refused);
          finishedOutage.failed(ProtocolException.severityOf(failure), failure);
        });
  }

  private @Nullable Throwable tryComplete(List<Outcome> ended) {
    try {
      var lost = outcomes.complete(ended);
      finishedOutage.succeeded();
      for (var outcome : ended) {
        if (!lost.contains(outcome.step().claim())) {
          events.on(new StepEvent.Ended(outcome));
        }
      }
      return null;
    } catch (RuntimeException | OutOfMemoryError failure) {
      return failure;
    }
  }

  /** Completes finished steps, and releases those that were claimed and never delivered. */
  public void drain() {
    completeFinished();
    try {
      var undeliveredRows = undelivered.poll(Integer.MAX_VALUE);
      outcomes.release(undeliveredRows.stream().map(StepAssembler::withoutDefinition).toList());
    } catch (RuntimeException failure) {
      log.atWarn().log("not every step could be released: {}", failure.getMessage());
    }
  }
}
