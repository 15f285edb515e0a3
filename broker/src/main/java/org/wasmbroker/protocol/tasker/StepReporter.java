package org.wasmbroker.protocol.tasker;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.wasmbroker.protocol.ProtocolCalls;
import org.wasmbroker.protocol.StorableOutcomes;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;

/**
 * Writes what became of claimed steps: results, steps given back, and the events that templates
 * declare. Thread-safe.
 */
record StepReporter(
    StepQueues queues,
    CompletionWriter completions,
    CompletionMapper results,
    DomainEventPublisher events) {

  /** The claims that were lost to others. */
  Set<Claim> complete(List<Outcome> outcomes) {
    var once = new LinkedHashMap<Claim, Outcome>();
    outcomes.forEach(outcome -> once.putIfAbsent(outcome.step().claim(), outcome));
    if (once.isEmpty()) {
      return Set.of();
    }
    return ProtocolCalls.call(
        () -> StorableOutcomes.write(List.copyOf(once.values()), this::write));
  }

  void release(Collection<Step> steps) {
    if (!steps.isEmpty()) {
      ProtocolCalls.call(() -> report(steps.stream().map(results::released).toList()));
    }
  }

  /** Which of these steps are no longer held; they are forgotten. */
  Set<Claim> lost(Collection<Step> steps) {
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
    publish(outcomes, ends, ended);
    return outcomes.stream()
        .map(outcome -> outcome.step().claim())
        .filter(claim -> claim instanceof TaskerClaim held && !ended.contains(held.transition()))
        .collect(Collectors.toSet());
  }

  /** Answers the transitions of the claims that were not lost. */
  private Set<UUID> report(List<Completion> ends) {
    var ended = new HashSet<>(queues.complete(ends));
    if (ended.size() < ends.size()) {
      var missing = ends.stream().filter(end -> !ended.contains(end.transition())).toList();
      var before = completions.alreadyWritten(missing);
      queues.alreadyCompleted(
          missing.stream().filter(end -> before.contains(end.transition())).toList());
      ended.addAll(before);
      completions.removeFromJournal(
          missing.stream()
              .map(Completion::transition)
              .filter(transition -> !before.contains(transition))
              .toList());
    }
    return ended;
  }

  /** Of steps that were completed; what goes wrong here changes nothing for them. */
  private void publish(List<Outcome> outcomes, List<Completion> ends, Set<UUID> ended) {
    var sources = new ArrayList<EndedStep>();
    for (int i = 0; i < outcomes.size(); i++) {
      var source = EndedStep.of(outcomes.get(i), ends.get(i));
      if (source != null && ended.contains(ends.get(i).transition())) {
        sources.add(source);
      }
    }
    if (!sources.isEmpty()) {
      events.publish(sources);
    }
  }
}
