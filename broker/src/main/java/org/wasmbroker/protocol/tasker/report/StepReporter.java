package org.wasmbroker.protocol.tasker.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.ProtocolCalls;
import org.wasmbroker.protocol.tasker.claim.OutcomeSink;
import org.wasmbroker.protocol.tasker.claim.TaskerClaim;
import org.wasmbroker.protocol.tasker.events.DomainEventPublisher;
import org.wasmbroker.protocol.tasker.events.EndedStep;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;

/**
 * Writes the outcomes of claimed steps, releases steps, and publishes the events that templates
 * declare. Thread-safe.
 *
 * @param notifier sends the messages of results if the queues are in a separate database, else null
 */
public record StepReporter(
    CompletionWriter completions,
    CompletionMapper results,
    DomainEventPublisher events,
    @Nullable ResultNotifier notifier)
    implements OutcomeSink {
  private static final Logger log = LoggerFactory.getLogger(StepReporter.class);
  private static final Document NO_RESULT = Document.of("{}");

  @Override
  public Set<Claim> complete(List<Outcome> outcomes) {
    var once = new LinkedHashMap<Claim, Outcome>();
    outcomes.forEach(outcome -> once.putIfAbsent(outcome.step().claim(), outcome));
    if (once.isEmpty()) {
      return Set.of();
    }
    return ProtocolCalls.call(() -> write(List.copyOf(once.values())));
  }

  @Override
  public void release(Collection<Step> steps) {
    if (!steps.isEmpty()) {
      ProtocolCalls.call(() -> report(steps.stream().map(results::released).toList()));
    }
  }

  /** Those of these steps that are no longer held; they are removed from the journal. */
  public Set<Claim> lost(Collection<Step> steps) {
    if (steps.isEmpty()) {
      return Set.of();
    }
    return ProtocolCalls.call(
        () -> {
          var held = steps.stream().map(TaskerClaim::of).toList();
          var lost = completions.lost(held);
          completions.removeFromJournal(lost);
          return held.stream()
              .filter(claim -> lost.contains(claim.transition()))
              .collect(Collectors.toSet());
        });
  }

  private Set<Claim> write(List<Outcome> outcomes) {
    var ends = outcomes.stream().map(results::completion).toList();
    var ended = report(ends);
    forgetSuspects(outcomes);
    publish(outcomes, ends, ended);
    return outcomes.stream()
        .map(outcome -> outcome.step().claim())
        .filter(claim -> claim instanceof TaskerClaim held && !ended.contains(held.transition()))
        .collect(Collectors.toSet());
  }

  /** A failure here only means that their rows remain for a while. */
  private void forgetSuspects(List<Outcome> outcomes) {
    var ended =
        outcomes.stream()
            .filter(outcome -> outcome.step().claim().isSuspect())
            .filter(outcome -> !CompletionMapper.retryable(outcome))
            .map(outcome -> outcome.step().id().value())
            .toList();
    if (ended.isEmpty()) {
      return;
    }
    try {
      completions.forgetSuspects(ended);
    } catch (SqlFailure failure) {
      log.atWarn().log("suspects that have ended are still recorded: {}", failure.getMessage());
    }
  }

  /** Returns the transitions of the claims that were not lost. */
  private Set<UUID> report(List<Completion> ends) {
    var ended = new HashSet<>(completions.write(ends));
    notifyOrchestrator(ends, ended);
    if (ended.size() < ends.size()) {
      var missing = ends.stream().filter(end -> !ended.contains(end.transition())).toList();
      var before = completions.alreadyWritten(missing);
      // Whether their messages were sent is not known; sending one twice changes nothing.
      notifyOrchestrator(missing, before);
      ended.addAll(before);
      completions.removeFromJournal(
          missing.stream()
              .map(Completion::transition)
              .filter(transition -> !before.contains(transition))
              .toList());
    }
    return ended;
  }

  /** If the queues are in this database, the messages were sent together with the results. */
  private void notifyOrchestrator(List<Completion> ends, Set<UUID> written) {
    if (notifier != null) {
      notifier.send(
          ends.stream()
              .filter(end -> written.contains(end.transition()))
              .map(Completion::message)
              .toList());
    }
  }

  /** For completed steps; a failure here does not affect them. */
  private void publish(List<Outcome> outcomes, List<Completion> ends, Set<UUID> ended) {
    var steps = new ArrayList<EndedStep>();
    for (int i = 0; i < outcomes.size(); i++) {
      var step = endedStep(outcomes.get(i), ends.get(i));
      if (step != null && ended.contains(ends.get(i).transition())) {
        steps.add(step);
      }
    }
    if (!steps.isEmpty()) {
      events.publish(steps);
    }
  }

  /** Null if the step's definition declares no events. */
  private static @Nullable EndedStep endedStep(Outcome outcome, Completion end) {
    var claim = TaskerClaim.of(outcome.step());
    var definition = claim.definition();
    var namespace = claim.namespace();
    var sequence = claim.taskSequenceStep();
    if (definition == null || namespace == null || sequence == null) {
      return null;
    }
    return new EndedStep(
        definition,
        outcome.step().name(),
        sequence,
        resultValue(outcome),
        end.result(),
        end.success(),
        CompletionMapper.retryable(outcome),
        claim.task(),
        claim.step(),
        claim.correlation(),
        namespace);
  }

  /** A step that failed has an empty result. */
  private static Document resultValue(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed completed -> completed.result();
      case Outcome.Failed _, Outcome.Retry _ -> NO_RESULT;
    };
  }
}
