package org.wasmbroker.protocol.tasker.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/** The dependencies between the steps of a template. */
final class StepGraph {
  private final Map<String, StepDefinition> steps = new LinkedHashMap<>();
  private final Map<String, List<String>> dependents = new LinkedHashMap<>();

  StepGraph(TaskTemplate template) {
    for (var step : template.steps()) {
      steps.putIfAbsent(step.name(), step);
      for (var dependency : step.dependencies()) {
        dependents.computeIfAbsent(dependency, name -> new ArrayList<>()).add(step.name());
      }
    }
  }

  /**
   * The steps that a decision may name: those that depend on it, directly or indirectly. Those
   * behind another decision are created by that one, and decisions are created automatically. Batch
   * workers are created only by their batchable step.
   */
  Set<String> creatableSteps(StepDefinition decision) {
    var reached = new LinkedHashSet<String>();
    var next = new ArrayDeque<>(dependents(decision.name()));
    while (!next.isEmpty()) {
      var name = next.poll();
      var step = steps.get(name);
      if (step != null && step.type() != StepType.DECISION && reached.add(name)) {
        next.addAll(dependents(name));
      }
    }
    reached.removeIf(name -> type(name) == StepType.BATCH_WORKER);
    return reached;
  }

  /**
   * The steps that Tasker creates with the task. Without decisions, all but batch workers and
   * deferred convergences; with decisions, all that depend on none of them, except batch workers.
   */
  Set<String> initialSteps() {
    var decisions =
        steps.values().stream().filter(step -> step.type() == StepType.DECISION).toList();
    var later = new HashSet<String>();
    var next = new ArrayDeque<String>();
    decisions.forEach(decision -> next.addAll(dependents(decision.name())));
    while (!next.isEmpty()) {
      var name = next.poll();
      if (later.add(name)) {
        next.addAll(dependents(name));
      }
    }
    var early = new HashSet<String>();
    for (var step : steps.values()) {
      boolean late =
          step.type() == StepType.BATCH_WORKER
              || (decisions.isEmpty()
                  ? step.type() == StepType.DEFERRED_CONVERGENCE
                  : later.contains(step.name()));
      if (!late) {
        early.add(step.name());
      }
    }
    return early;
  }

  /** The steps of one cycle in order, or empty if there is none. */
  List<String> cycle() {
    var done = new LinkedHashSet<String>();
    for (var start : steps.keySet()) {
      var cycle = cycleFrom(start, done);
      if (!cycle.isEmpty()) {
        return cycle;
      }
    }
    return List.of();
  }

  /** Depth first, with an explicit path: templates may be deeper than the stack. */
  private List<String> cycleFrom(String start, Set<String> done) {
    var path = new LinkedHashMap<String, ArrayDeque<String>>();
    enter(start, path);
    while (!path.isEmpty()) {
      var last = path.lastEntry();
      var next = last.getValue().poll();
      if (next == null) {
        done.add(last.getKey());
        path.pollLastEntry();
      } else if (path.containsKey(next)) {
        var names = new ArrayList<>(path.sequencedKeySet());
        var cycle = new ArrayList<>(names.subList(names.indexOf(next), names.size()));
        cycle.add(next);
        return cycle;
      } else if (!done.contains(next)) {
        enter(next, path);
      }
    }
    return List.of();
  }

  private void enter(String name, SequencedMap<String, ArrayDeque<String>> path) {
    path.putLast(name, new ArrayDeque<>(dependents(name)));
  }

  private List<String> dependents(String name) {
    return dependents.getOrDefault(name, List.of());
  }

  private StepType type(String name) {
    var step = steps.get(name);
    return step == null ? StepType.STANDARD : step.type();
  }
}
