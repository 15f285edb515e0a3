package org.wasmbroker.plan;

import java.util.HashSet;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.document.Names;
import org.wasmbroker.plan.PlanStep.Named;

/** Names are unique and refer to steps, nothing waits for itself, everything can start. */
final class LinkCheck {
  private final Workflow workflow;
  private final StepNames names;
  private final Findings findings;

  LinkCheck(Workflow workflow, StepNames names, Findings findings) {
    this.workflow = workflow;
    this.names = names;
    this.findings = findings;
  }

  void check() {
    if (workflow.linked()) {
      return;
    }
    var seen = new HashSet<String>();
    for (var step : workflow.steps()) {
      if (!seen.add(step.name())) {
        findings.error(
            "duplicate",
            step.pointer().member("name"),
            "is '%s', the name of another step".formatted(step.name()),
            "give each step a name of its own");
      }
      var listed = new HashSet<String>();
      for (var before : step.before()) {
        dependency(before);
        if (!listed.add(before.name())) {
          findings.warning(
              "dependency", before.pointer(), "repeats '%s'".formatted(before.name()), "");
        }
      }
    }
    var cycle = names.cycle();
    if (!cycle.isEmpty()) {
      findings.error(
          "cycle",
          names.get(cycle.getFirst()).pointer(),
          "is part of a cycle: " + String.join(" > ", cycle),
          "remove one of these dependencies");
    }
    unreachable();
  }

  private void dependency(Named before) {
    if (!names.has(before.name())) {
      findings.error(
          "unknown_step",
          before.pointer(),
          "is '%s', which is no step%s"
              .formatted(before.name(), Names.suggest(before.name(), names.names())),
          "name a step of the plan");
    }
  }

  /** The steps with the mistake itself have been reported. */
  private void unreachable() {
    for (var name : names.neverStarting()) {
      var step = names.get(name);
      boolean reported =
          names.upstream(step).contains(name)
              || step.before().stream().anyMatch(before -> !names.has(before.name()));
      if (!reported) {
        findings.error(
            "unreachable",
            at(step),
            "never starts, since a step before it never does",
            "see the dependencies of the steps before it");
      }
    }
  }

  private static JsonPointer at(PlanStep step) {
    return step.pointer();
  }
}
