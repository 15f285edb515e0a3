package org.wasmbroker.protocol.tasker;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.ProtocolCalls;
import org.wasmbroker.protocol.StepProtocol.ClaimResult;
import org.wasmbroker.protocol.tasker.StepAssembly.Assembled;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.BrokerEvents;

/**
 * Takes steps from the queues, each of them first in its turn, and assembles what their guests will
 * read. Steps that no guest has to run are ended here. Nothing that was taken is lost when a later
 * statement fails.
 */
final class StepIntake {
  private static final Logger LOG = LoggerFactory.getLogger(StepIntake.class);

  private final TaskerConfig config;
  private final List<QueueName> queues;
  private final StepQueues stepQueues;
  private final TemplateCache templates;
  private final StepAssembly assembly;
  private final StepReports reports;
  private final BrokerEvents events;
  private final Leftovers leftovers;
  private final AtomicInteger turn = new AtomicInteger();

  /** How steps end that no guest has to run. */
  private final Queue<Outcome> settled = new ConcurrentLinkedQueue<>();

  StepIntake(
      TaskerConfig config,
      StepQueues stepQueues,
      StepClaims claims,
      TemplateCache templates,
      StepReports reports,
      BrokerEvents events) {
    this.config = config;
    this.queues = config.allQueues();
    this.stepQueues = stepQueues;
    this.templates = templates;
    this.assembly = new StepAssembly(config.timeout());
    this.reports = reports;
    this.events = events;
    this.leftovers =
        new Leftovers(
            batch -> claims.adopt(batch, templates.withoutEvents()).steps(), TimeSource.SYSTEM);
  }

  ClaimResult claim(int atMost) {
    if (atMost < 1) {
      throw new IllegalArgumentException("a claim asks for at least 1 message, was " + atMost);
    }
    return ProtocolCalls.call(
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
          return new ClaimResult(steps, read);
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
          .addKeyValue("message", SafeText.sanitize(text, 200))
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
      var lost = reports.complete(outcomes);
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

  /** Writes what is known, and gives back the steps that were taken and nobody asked for. */
  void end() {
    writeSettled();
    try {
      var left = leftovers.take(Integer.MAX_VALUE);
      reports.giveBack(left.stream().map(StepAssembly::unread).toList());
    } catch (RuntimeException failure) {
      LOG.atWarn().log("not every step could be given back: {}", failure.getMessage());
    }
  }
}
