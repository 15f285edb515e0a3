package org.wasmbroker.protocol.tasker.template;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.execution.NewWorkLimit;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.StepError;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What Tasker's orchestrator would misinterpret in a result, or silently ignore, and what violates
 * the template's {@code result_schema}. The orchestrator acts on an outcome only if the template's
 * step of that name has the matching type, so that in the results of other steps it is ordinary
 * data. A result is not parsed if there is nothing to check.
 */
public final class ResultRules {
  /** Strings of any length, as results may have. */
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .recyclerPool(JsonRecyclerPools.threadLocalPool())
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .build())
          .build();

  private final @Nullable JsonSchema schema;
  private final OutcomeRule outcome;

  /** What the outcome in a result must be like, by the type of its step. */
  private sealed interface OutcomeRule {
    /** Outcome members are ordinary data. */
    record None() implements OutcomeRule {}

    record Decision(DecisionRule rule) implements OutcomeRule {}

    record Batchable(BatchRule rule) implements OutcomeRule {}

    /** Members with which the step would be mistaken for another one. */
    record Forbidden(Set<String> members) implements OutcomeRule {}
  }

  /**
   * The rules for the results of one step of a template; they can be applied any number of times.
   */
  public ResultRules(TaskTemplate template, StepDefinition step) {
    var declared = step.resultSchema();
    this.schema = declared == null || declared.compileError() != null ? null : declared;
    this.outcome =
        switch (step.type()) {
          case STANDARD, DEFERRED_CONVERGENCE -> new OutcomeRule.None();
          case DECISION -> new OutcomeRule.Decision(new DecisionRule(template, step));
          case BATCHABLE -> new OutcomeRule.Batchable(new BatchRule(template, step));
          case BATCH_WORKER -> {
            var members = shadowedOutcomes(template, step);
            yield members.isEmpty() ? new OutcomeRule.None() : new OutcomeRule.Forbidden(members);
          }
        };
  }

  /**
   * Why the step must fail although its handler wrote a result, or null.
   *
   * @param maxNewWork how many steps a decision, or batch workers a batchable step, may create
   */
  public @Nullable StepError problem(Document result, int maxNewWork) {
    if (schema == null && outcome instanceof OutcomeRule.None) {
      return null;
    }
    var problem = outcomeProblem(result, maxNewWork);
    return problem != null || schema == null ? problem : schemaProblem(schema, result);
  }

  private @Nullable StepError outcomeProblem(Document document, int maxNewWork) {
    if (outcome instanceof OutcomeRule.None) {
      return null;
    }
    JsonNode result;
    try {
      result = JSON.readTree(document.bytes());
    } catch (JacksonException e) {
      return StepError.permanent(
          "result_schema_violation",
          "the result cannot be checked: " + SafeText.sanitize(e.getOriginalMessage(), 200));
    }
    int requested = requestedWork(result);
    if (requested > maxNewWork) {
      return NewWorkLimit.exceeded(maxNewWork, requested);
    }
    return switch (outcome) {
      case OutcomeRule.None() -> null;
      case OutcomeRule.Decision(var rule) ->
          error("decision_outcome_invalid", rule.violation(result));
      case OutcomeRule.Batchable(var rule) ->
          error("batch_outcome_invalid", rule.violation(result));
      case OutcomeRule.Forbidden(var members) ->
          error("outcome_not_allowed", forbidden(members, result));
    };
  }

  /** How many steps or batch workers the result requests, valid or not. */
  private int requestedWork(JsonNode result) {
    return switch (outcome) {
      case OutcomeRule.None(), OutcomeRule.Forbidden(_) -> 0;
      case OutcomeRule.Decision(_) -> result.path(DecisionRule.MEMBER).path("step_names").size();
      case OutcomeRule.Batchable(_) -> result.path(BatchRule.MEMBER).path("cursor_configs").size();
    };
  }

  private static @Nullable StepError error(String type, @Nullable Violation violation) {
    return violation == null ? null : violation.error(type);
  }

  private static @Nullable Violation forbidden(Set<String> members, JsonNode result) {
    for (var member : members) {
      if (result.has(member)) {
        return new Violation(
            JsonPointer.ROOT.member(member), "is not for a batch worker, whose result is data");
      }
    }
    return null;
  }

  /**
   * A batch worker's name consists of its definition's name and its batch id. Tasker looks that
   * name up in the template, and if it finds a decision or a batchable step, it acts on the
   * outcome.
   */
  private static Set<String> shadowedOutcomes(TaskTemplate template, StepDefinition worker) {
    var members = new LinkedHashSet<String>();
    for (var other : template.steps()) {
      if (other.name().startsWith(worker.name() + "_")) {
        if (other.type() == StepType.DECISION) {
          members.add(DecisionRule.MEMBER);
        } else if (other.type() == StepType.BATCHABLE) {
          members.add(BatchRule.MEMBER);
        }
      }
    }
    return members;
  }

  private static @Nullable StepError schemaProblem(JsonSchema schema, Document result) {
    var problems = schema.validate(result);
    return problems.isEmpty()
        ? null
        : StepError.permanent(
            "result_schema_violation",
            "the result does not satisfy the template's result_schema: "
                + String.join("; ", problems));
  }
}
