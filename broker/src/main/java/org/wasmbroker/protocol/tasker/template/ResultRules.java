package org.wasmbroker.protocol.tasker.template;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.execution.NewWorkLimit;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.StepError;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What Tasker's orchestrator would misread in a result, or silently ignore, and what the template's
 * {@code result_schema} refuses. The orchestrator acts on an outcome only where the template's step
 * of that name is of the type for it, so that in other steps' results it is data like any other. A
 * result is parsed at most once, and not at all where nothing depends on what it is.
 */
public final class ResultRules {
  private ResultRules() {}

  /**
   * Why the step has to fail although its handler wrote a result; null when it has not.
   *
   * @param newWork how many steps a decision, or batch workers a batchable step, may create
   */
  public static @Nullable StepError problem(
      TaskTemplate template, StepDefinition step, Document result, int newWork) {
    if (nothingToCheck(template, step)) {
      return null;
    }
    JsonNode tree;
    try {
      tree = JsonSchema.JSON.readTree(result.bytes());
    } catch (JacksonException e) {
      return StepError.permanent(
          "result_schema_violation",
          "the result cannot be checked: " + SafeText.sanitize(e.getOriginalMessage(), 200));
    }
    var problem = outcomeProblem(template, step, tree, newWork);
    return problem != null || step.resultSchema() == null
        ? problem
        : schemaProblem(step.resultSchema(), tree, result.size());
  }

  private static boolean nothingToCheck(TaskTemplate template, StepDefinition step) {
    boolean anyOutcome =
        switch (step.type()) {
          case STANDARD, DEFERRED_CONVERGENCE -> true;
          case DECISION, BATCHABLE -> false;
          case BATCH_WORKER -> template.steps().stream().noneMatch(other -> shadows(step, other));
        };
    return anyOutcome
        && (step.resultSchema() == null || step.resultSchema().compileError() != null);
  }

  private static @Nullable StepError outcomeProblem(
      TaskTemplate template, StepDefinition step, JsonNode result, int newWork) {
    int requested = requestedWork(step, result);
    if (requested > newWork) {
      return NewWorkLimit.exceeded(newWork, requested);
    }
    return switch (step.type()) {
      case STANDARD, DEFERRED_CONVERGENCE -> null;
      case DECISION ->
          error("decision_outcome_invalid", DecisionRule.violation(template, step, result));
      case BATCHABLE -> error("batch_outcome_invalid", BatchRule.violation(template, step, result));
      case BATCH_WORKER -> error("outcome_not_allowed", shadowedOutcome(template, step, result));
    };
  }

  private static int requestedWork(StepDefinition step, JsonNode result) {
    return switch (step.type()) {
      case STANDARD, DEFERRED_CONVERGENCE, BATCH_WORKER -> 0;
      case DECISION -> result.path(DecisionRule.MEMBER).path("step_names").size();
      case BATCHABLE -> result.path(BatchRule.MEMBER).path("cursor_configs").size();
    };
  }

  private static @Nullable StepError error(String type, @Nullable Violation violation) {
    return violation == null ? null : violation.error(type);
  }

  /**
   * A batch worker is a step called after its definition and its batch. Tasker looks that name up
   * in the template, and where it finds a decision or a batchable step, it acts on the outcome.
   */
  private static @Nullable Violation shadowedOutcome(
      TaskTemplate template, StepDefinition worker, JsonNode result) {
    for (var other : template.steps()) {
      var member = other.type() == StepType.DECISION ? DecisionRule.MEMBER : BatchRule.MEMBER;
      if (shadows(worker, other) && result.has(member)) {
        return new Violation(
            JsonPointer.ROOT.member(member), "is not for a batch worker, whose result is data");
      }
    }
    return null;
  }

  private static boolean shadows(StepDefinition worker, StepDefinition other) {
    return (other.type() == StepType.DECISION || other.type() == StepType.BATCHABLE)
        && other.name().startsWith(worker.name() + "_");
  }

  private static @Nullable StepError schemaProblem(JsonSchema schema, JsonNode result, int size) {
    var problems = schema.validate(result, size);
    return problems.isEmpty() ? null : violation(problems);
  }

  private static StepError violation(List<String> problems) {
    return StepError.permanent(
        "result_schema_violation",
        "the result does not satisfy the template's result_schema: " + String.join("; ", problems));
  }
}
