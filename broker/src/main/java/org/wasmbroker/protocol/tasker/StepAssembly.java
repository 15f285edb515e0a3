package org.wasmbroker.protocol.tasker;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.protocol.tasker.ClaimedRow.TemplateKey;
import org.wasmbroker.protocol.tasker.TemplateCache.Found;
import org.wasmbroker.protocol.tasker.template.Callables;
import org.wasmbroker.protocol.tasker.template.StepDefinition;
import org.wasmbroker.protocol.tasker.template.StepType;
import org.wasmbroker.protocol.tasker.template.TaskTemplate;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.JsonNesting;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.TraceContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Makes steps of claimed rows, or says at once what becomes of those that no guest has to run. */
final class StepAssembly {
  private static final Logger LOG = LoggerFactory.getLogger(StepAssembly.class);
  private static final JsonMapper JSON = new JsonMapper();

  /** Stands for a handler where the step's callable is none. */
  private static final HandlerRef NO_HANDLER = new HandlerRef("none", null);

  /** The document adds two levels around what comes of the rows. */
  private static final int DEEPEST = JsonNesting.MAX_DEPTH - 2;

  private final Duration timeout;

  /** What became of a row. */
  sealed interface Assembled {
    /** To be run. */
    record ToRun(Step step) implements Assembled {}

    /** Nothing is to be run: this is how the step ends. */
    record Settled(Outcome outcome) implements Assembled {}
  }

  /**
   * @param timeout of a step whose definition names none
   */
  StepAssembly(Duration timeout) {
    this.timeout = timeout;
  }

  /**
   * Whatever is in the row: an exception here would be the loss of all that was claimed with it.
   */
  Assembled assemble(ClaimedRow row, Map<TemplateKey, Found> templates) {
    try {
      return assembled(row, templates);
    } catch (RuntimeException unreadable) {
      LOG.atError()
          .addKeyValue("step", row.step())
          .setCause(unreadable)
          .log("a step cannot be read and fails");
      return undefined(row, "the step cannot be read: " + unreadable.getMessage());
    }
  }

  private Assembled assembled(ClaimedRow row, Map<TemplateKey, Found> templates) {
    return switch (templates.get(row.definition())) {
      case null -> undefined(row, "the task template of the step is gone");
      case Found.Unreadable(var message) -> undefined(row, message);
      case Found.Template(var template) -> {
        var definition = template.step(row.template());
        yield definition == null
            ? undefined(
                row,
                "the task template %s %s has no step named '%s'"
                    .formatted(template.name(), template.version(), row.template()))
            : defined(row, template, definition);
      }
    };
  }

  /** The step of a row of which no more is known: it can only be given back. */
  static Step unread(ClaimedRow row) {
    return step(row, TaskerClaim.undefined(row), NO_HANDLER, Duration.ZERO, Document.EMPTY);
  }

  private Assembled undefined(ClaimedRow row, String why) {
    var step = step(row, TaskerClaim.undefined(row), NO_HANDLER, timeout, Document.EMPTY);
    return settled(step, StepError.permanent("step_not_defined", why));
  }

  private Assembled defined(ClaimedRow row, TaskTemplate template, StepDefinition definition) {
    var allowed = definition.timeout() == null ? timeout : definition.timeout();
    HandlerRef handler;
    try {
      handler = Callables.parse(definition);
    } catch (IllegalArgumentException nobodys) {
      var claim = TaskerClaim.of(row, template, definition, Document.EMPTY);
      var step = step(row, claim, NO_HANDLER, allowed, Document.EMPTY);
      return settled(
          step,
          TaskerResults.notFound(definition.callable(), String.valueOf(nobodys.getMessage())));
    }
    if (isTooDeep(row)) {
      var claim = TaskerClaim.of(row, template, definition, Document.EMPTY);
      return settled(
          step(row, claim, handler, allowed, Document.EMPTY),
          StepError.permanent(
              "step_too_deep",
              "the step's inputs, context or dependencies are nested in more than %d levels"
                  .formatted(DEEPEST)));
    }
    var document = StepDocuments.step(row, definition, handler, attempt(row), allowed.toMillis());
    var claim = TaskerClaim.of(row, template, definition, document);
    var step = step(row, claim, handler, allowed, document);
    var nothingToDo = nothingToDo(row, definition);
    return nothingToDo == null
        ? new Assembled.ToRun(step)
        : new Assembled.Settled(
            new Outcome.Completed(step, nothingToDo, Instant.now(), Receipt.none(Duration.ZERO)));
  }

  private static boolean isTooDeep(ClaimedRow row) {
    return Stream.of(row.inputs(), row.context(), row.results(), row.checkpoint())
        .filter(Objects::nonNull)
        .anyMatch(json -> JsonNesting.isDeeperThan(json.getBytes(StandardCharsets.UTF_8), DEEPEST));
  }

  /** The result of a batch worker for which the batchable step had no items; else null. */
  private static @Nullable Document nothingToDo(ClaimedRow row, StepDefinition definition) {
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

  private static Assembled settled(Step step, StepError error) {
    return new Assembled.Settled(
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
        TraceContext.NONE);
  }

  private static Attempt attempt(ClaimedRow row) {
    return new Attempt(Math.max(1, row.attempts() + 1), Math.max(1, row.maxAttempts()));
  }
}
