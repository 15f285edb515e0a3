package org.wasmbroker.protocol.tasker.claim;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.protocol.tasker.claim.ClaimedRow.TemplateKey;
import org.wasmbroker.protocol.tasker.claim.TemplateCache.CachedTemplate;
import org.wasmbroker.protocol.tasker.template.StepDefinition;
import org.wasmbroker.protocol.tasker.template.StepType;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.JsonNesting;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.StepOrigin;
import org.wasmbroker.step.TraceContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Turns claimed rows into steps, or into outcomes right away for those that need no guest. */
final class StepAssembler {
  private static final Logger log = LoggerFactory.getLogger(StepAssembler.class);
  private static final JsonMapper JSON = new JsonMapper();

  /** Placeholder for steps whose callable is not one of this worker's. */
  static final HandlerRef UNKNOWN_HANDLER = new HandlerRef("none", null);

  /** The step document adds two levels around the values of the row. */
  private static final int MAX_DEPTH = JsonNesting.MAX_DEPTH - 2;

  private final Duration defaultTimeout;

  /** The result of assembling a row. */
  sealed interface Assembled {
    /** A step to run. */
    record Ready(Step step) implements Assembled {}

    /** A step that does not run, with its outcome. */
    record Finished(Outcome outcome) implements Assembled {}
  }

  /**
   * @param defaultTimeout of a step whose definition has none
   */
  StepAssembler(Duration defaultTimeout) {
    this.defaultTimeout = defaultTimeout;
  }

  /**
   * Throws nothing, whatever the row contains: an exception would lose everything claimed with it.
   */
  Assembled assemble(ClaimedRow row, Map<TemplateKey, CachedTemplate> templates) {
    try {
      return doAssemble(row, templates);
    } catch (RuntimeException | StackOverflowError unreadable) {
      log.atError()
          .addKeyValue("step", row.step())
          .setCause(unreadable)
          .log("a step row cannot be read; the step fails");
      return failUndefined(row, "the step cannot be read: " + unreadable);
    }
  }

  private Assembled doAssemble(ClaimedRow row, Map<TemplateKey, CachedTemplate> templates) {
    return switch (templates.get(row.templateKey())) {
      case null -> failUndefined(row, "the task template of the step is gone");
      case CachedTemplate.Invalid(var message) -> failUndefined(row, message);
      case CachedTemplate.Valid(var template) -> {
        var prepared = template.step(row.templateStepName());
        yield prepared == null
            ? failUndefined(
                row,
                "the task template %s has no step named '%s'"
                    .formatted(template.nameAndVersion(), row.templateStepName()))
            : assembleDefined(row, prepared);
      }
    };
  }

  /** A step of which only the row is known: it can only be released. */
  static Step withoutDefinition(ClaimedRow row) {
    return step(
        row, TaskerClaim.withoutDefinition(row), UNKNOWN_HANDLER, Duration.ZERO, Document.EMPTY);
  }

  private Assembled failUndefined(ClaimedRow row, String why) {
    var step =
        step(
            row,
            TaskerClaim.withoutDefinition(row),
            UNKNOWN_HANDLER,
            defaultTimeout,
            Document.EMPTY);
    return failed(step, StepError.permanent("step_not_defined", why));
  }

  private Assembled assembleDefined(ClaimedRow row, PreparedStep prepared) {
    var timeout = prepared.timeout(defaultTimeout);
    var handler = prepared.handler();
    var problem = prepared.handlerError() == null ? depthProblem(row) : prepared.handlerError();
    if (problem != null) {
      var claim = TaskerClaim.of(row, prepared, Document.EMPTY);
      return failed(step(row, claim, handler, timeout, Document.EMPTY), problem);
    }
    var document = StepDocuments.step(row, prepared, attempt(row), timeout.toMillis());
    var claim = TaskerClaim.of(row, prepared, document);
    var step = step(row, claim, handler, timeout, document);
    var noOp = noOpResult(row, prepared.definition());
    return noOp == null
        ? new Assembled.Ready(step)
        : new Assembled.Finished(
            new Outcome.Completed(step, noOp, Instant.now(), Receipt.none(Duration.ZERO)));
  }

  private static @Nullable StepError depthProblem(ClaimedRow row) {
    return isNestedTooDeeply(row)
        ? StepError.permanent(
            "step_too_deep",
            "the step's inputs, context or dependencies are nested in more than %d levels"
                .formatted(MAX_DEPTH))
        : null;
  }

  private static boolean isNestedTooDeeply(ClaimedRow row) {
    return Stream.of(row.inputs(), row.context(), row.ancestorResults(), row.checkpoint())
        .filter(Objects::nonNull)
        .anyMatch(
            json -> JsonNesting.isDeeperThan(json.getBytes(StandardCharsets.UTF_8), MAX_DEPTH));
  }

  /** The result of a batch worker that has no items to process; else null. */
  private static @Nullable Document noOpResult(ClaimedRow row, StepDefinition definition) {
    if (definition.type() != StepType.BATCH_WORKER || row.inputs() == null) {
      return null;
    }
    JsonNode inputs = JSON.readTree(row.inputs());
    if (!inputs.path("is_no_op").asBoolean(false)) {
      return null;
    }
    var result = JSON.createObjectNode();
    result.put("no_op", true);
    result.set("batch_id", inputs.path("cursor").path("batch_id"));
    result.put("processed_count", 0);
    return Document.of(JSON.writeValueAsBytes(result));
  }

  private static Assembled failed(Step step, StepError error) {
    return new Assembled.Finished(
        new Outcome.Failed(step, error, false, Instant.now(), Receipt.none(Duration.ZERO)));
  }

  private static Step step(
      ClaimedRow row, TaskerClaim claim, HandlerRef handler, Duration timeout, Document document) {
    return new Step(
        new StepIds(new StepId(row.step()), row.task(), row.correlation()),
        row.name(),
        handler,
        attempt(row),
        timeout,
        document,
        claim,
        row.readyAt(),
        TraceContext.NONE,
        new StepOrigin(row.namespace(), row.taskName(), Map.of()),
        ModulePin.parse(row.ran(), row.checkpoint() != null));
  }

  private static Attempt attempt(ClaimedRow row) {
    return new Attempt(Math.max(1, row.attempts() + 1), Math.max(1, row.maxAttempts()));
  }
}
