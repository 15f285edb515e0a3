package org.wasmbroker.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The steps of a workflow by name, and which of them come before which. */
final class StepNames {
  private final Map<String, PlanStep> steps = new LinkedHashMap<>();
  private final Map<String, Set<String>> upstream = new HashMap<>();

  StepNames(List<PlanStep> all) {
    all.forEach(step -> steps.putIfAbsent(step.name(), step));
  }

  Set<String> names() {
    return steps.keySet();
  }

  boolean has(String name) {
    return steps.containsKey(name);
  }

  /** The steps whose results it sees: all that have to end before it starts. */
  Set<String> upstream(PlanStep step) {
    return upstream.computeIfAbsent(step.name(), _ -> reach(step));
  }

  private Set<String> reach(PlanStep start) {
    var reached = new LinkedHashSet<String>();
    var next = new ArrayDeque<>(start.before());
    while (!next.isEmpty()) {
      var step = steps.get(next.poll().name());
      if (step != null && reached.add(step.name())) {
        next.addAll(step.before());
      }
    }
    return reached;
  }

  /** Whether the step sees a result of that name. */
  boolean sees(PlanStep step, String name) {
    var before = upstream(step);
    return before.contains(name)
        || before.stream()
            .map(steps::get)
            .anyMatch(each -> each != null && each.pattern() && name.startsWith(each.name() + "_"));
  }

  /** Whether one step can only run after the other, directly or not. */
  boolean isBefore(String first, PlanStep second) {
    return upstream(second).contains(first);
  }

  PlanStep get(String name) {
    var step = steps.get(name);
    if (step == null) {
      throw new IllegalArgumentException("there is no step " + name);
    }
    return step;
  }

  /** The names of one cycle, the first again at the end; empty if there is none. */
  List<String> cycle() {
    for (var step : steps.values()) {
      if (upstream(step).contains(step.name())) {
        return cycleFrom(step);
      }
    }
    return List.of();
  }

  /** The shortest way back, from a step that comes before itself. */
  private List<String> cycleFrom(PlanStep start) {
    var cameFrom = new HashMap<String, String>();
    var seen = new HashSet<String>();
    var next = new ArrayDeque<>(List.of(start));
    while (!next.isEmpty()) {
      var step = next.poll();
      for (var before : step.before()) {
        if (before.name().equals(start.name())) {
          var cycle = new ArrayList<>(List.of(start.name()));
          for (var at = step.name();
              !at.equals(start.name());
              at = cameFrom.getOrDefault(at, start.name())) {
            cycle.add(at);
          }
          cycle.add(start.name());
          return cycle;
        }
        if (has(before.name()) && seen.add(before.name())) {
          cameFrom.put(before.name(), step.name());
          next.add(get(before.name()));
        }
      }
    }
    return List.of();
  }

  /** The steps that never start: those behind a step that does not exist or a cycle. */
  Set<String> neverStarting() {
    var never = new LinkedHashSet<String>();
    for (var step : steps.values()) {
      var missing =
          Stream.concat(Stream.of(step), upstream(step).stream().map(this::get))
              .anyMatch(
                  each ->
                      each.before().stream().anyMatch(before -> !has(before.name()))
                          || upstream(each).contains(each.name()));
      if (missing) {
        never.add(step.name());
      }
    }
    return never;
  }
}
