package org.wasmbroker.protocol.tasker.template;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.JsonNode;

/**
 * What the result of a decision must contain: {@code decision_point_outcome} with the type {@code
 * no_branches}, or {@code create_steps} and names of steps that it may create. Tasker's
 * orchestrator only logs a warning about any other, and the task waits forever.
 */
final class DecisionRule {
  static final String MEMBER = "decision_point_outcome";
  private static final JsonPointer OUTCOME = JsonPointer.ROOT.member(MEMBER);

  private final Set<String> choices;

  DecisionRule(TaskTemplate template, StepDefinition decision) {
    this.choices = new StepGraph(template).creatableSteps(decision);
  }

  @Nullable Violation violation(JsonNode result) {
    var outcome = result.path(MEMBER);
    if (!outcome.isObject()) {
      return new Violation(OUTCOME, "must be an object, since the step is a decision");
    }
    return switch (outcome.path("type").asStringOpt().orElse("")) {
      case "no_branches" -> null;
      case "create_steps" -> steps(outcome.path("step_names"));
      default ->
          new Violation(OUTCOME.member("type"), "must be \"no_branches\" or \"create_steps\"");
    };
  }

  private @Nullable Violation steps(JsonNode names) {
    var pointer = OUTCOME.member("step_names");
    if (!names.isArray() || names.isEmpty()) {
      return new Violation(
          pointer, "must be a non-empty array of names; use no_branches if there are none");
    }
    var seen = new HashSet<String>();
    for (int i = 0; i < names.size(); i++) {
      var name = names.get(i);
      if (!name.isString()) {
        return new Violation(pointer.element(i), "must be a string");
      }
      var text = name.stringValue();
      if (!choices.contains(text)) {
        return new Violation(
            pointer.element(i),
            "names '%s', which this decision cannot create; it can create %s"
                .formatted(
                    SafeText.sanitize(text, 100),
                    choices.isEmpty() ? "nothing" : String.join(", ", choices)));
      }
      if (!seen.add(text)) {
        return new Violation(pointer.element(i), "repeats '" + text + "'");
      }
    }
    return null;
  }
}
