package org.wasmbroker.protocol.tasker.template;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the result of a batchable step must contain: {@code batch_processing_outcome} with the type
 * {@code no_batches}, or {@code create_batches} and a cursor for each batch worker. Tasker's
 * orchestrator only logs any other, and the task waits forever.
 */
final class BatchRule {
  static final String MEMBER = "batch_processing_outcome";

  /** Where Tasker looks for the worker of a step that creates no batches. */
  static final String DEFAULT_WORKER = "worker_template_name";

  /** The length of the column for a batch worker's name. */
  static final int MAX_STEP_NAME_LENGTH = 128;

  private static final JsonPointer OUTCOME = JsonPointer.ROOT.member(MEMBER);
  private static final long MAX_UINT32 = 0xFFFF_FFFFL;
  private static final JsonMapper JSON = new JsonMapper();

  private final TaskTemplate template;
  private final @Nullable String defaultWorkerProblem;

  BatchRule(TaskTemplate template, StepDefinition batchable) {
    this.template = template;
    this.defaultWorkerProblem = defaultWorkerProblem(template, batchable);
  }

  @Nullable Violation violation(JsonNode result) {
    var outcome = result.path(MEMBER);
    if (!outcome.isObject()) {
      return new Violation(OUTCOME, "must be an object, since the step is batchable");
    }
    return switch (outcome.path("type").asStringOpt().orElse("")) {
      case "no_batches" -> noBatches();
      case "create_batches" -> batches(outcome);
      default ->
          new Violation(OUTCOME.member("type"), "must be \"no_batches\" or \"create_batches\"");
    };
  }

  /** Tasker creates one worker anyway, which has nothing to do. */
  private @Nullable Violation noBatches() {
    return defaultWorkerProblem == null
        ? null
        : new Violation(
            OUTCOME.member("type"), "cannot be \"no_batches\": " + defaultWorkerProblem);
  }

  /** Why the step cannot go without batches, or null if it can. */
  static @Nullable String defaultWorkerProblem(TaskTemplate template, StepDefinition batchable) {
    var initialization = JSON.readTree(batchable.initialization().bytes());
    var worker = initialization.path(DEFAULT_WORKER);
    if (!worker.isString()) {
      return "the step's handler.initialization has no " + DEFAULT_WORKER;
    }
    var problem = workerProblem(template, worker.stringValue());
    return problem == null
        ? null
        : "the " + DEFAULT_WORKER + " of the step's handler.initialization " + problem;
  }

  private static @Nullable String workerProblem(TaskTemplate template, String name) {
    var worker = template.step(name);
    if (worker == null || worker.type() != StepType.BATCH_WORKER) {
      return "names '%s', which is not a batch_worker step of this template"
          .formatted(SafeText.sanitize(name, 100));
    }
    return worker.batch() == null ? "names '%s', which has no batch_config".formatted(name) : null;
  }

  private @Nullable Violation batches(JsonNode outcome) {
    var name = outcome.path("worker_template_name");
    if (!name.isString()) {
      return new Violation(OUTCOME.member("worker_template_name"), "must be a string");
    }
    var problem = workerProblem(template, name.stringValue());
    if (problem != null) {
      return new Violation(OUTCOME.member("worker_template_name"), problem);
    }
    var cursors = outcome.path("cursor_configs");
    var pointer = OUTCOME.member("cursor_configs");
    if (!cursors.isArray() || cursors.isEmpty()) {
      return new Violation(
          pointer, "must be a non-empty array of cursors; use no_batches if there are none");
    }
    var count = outcome.path("worker_count");
    if (!isWhole(count, 1, cursors.size()) || count.intValue() != cursors.size()) {
      return new Violation(
          OUTCOME.member("worker_count"),
          "must be the number of cursors, %d".formatted(cursors.size()));
    }
    if (!isWhole(outcome.path("total_items"), 0, Long.MAX_VALUE)) {
      return new Violation(OUTCOME.member("total_items"), "must be an integer of at least 0");
    }
    var taken = new HashSet<String>();
    for (int i = 0; i < cursors.size(); i++) {
      var violation = cursor(name.stringValue(), cursors.get(i), pointer.element(i), taken);
      if (violation != null) {
        return violation;
      }
    }
    return null;
  }

  private @Nullable Violation cursor(
      String worker, JsonNode cursor, JsonPointer pointer, Set<String> taken) {
    var id = cursor.path("batch_id");
    var idPointer = pointer.member("batch_id");
    if (!id.isString() || id.stringValue().isEmpty()) {
      return new Violation(idPointer, "must be a non-empty string");
    }
    var name = worker + "_" + id.stringValue();
    if (name.codePointCount(0, name.length()) > MAX_STEP_NAME_LENGTH) {
      return new Violation(
          idPointer,
          "must not make the worker's name, '%s_' and the batch_id, longer than %d characters"
              .formatted(worker, MAX_STEP_NAME_LENGTH));
    }
    if (!SafeText.sanitize(name, MAX_STEP_NAME_LENGTH).equals(name)) {
      return new Violation(idPointer, "must not contain control characters");
    }
    if (template.step(name) != null) {
      return new Violation(
          idPointer, "makes the worker's name '%s', which is another step's".formatted(name));
    }
    if (!taken.add(name)) {
      return new Violation(idPointer, "repeats '%s'".formatted(id.stringValue()));
    }
    if (!isWhole(cursor.path("batch_size"), 1, MAX_UINT32)) {
      return new Violation(pointer.member("batch_size"), "must be an integer, 1 to " + MAX_UINT32);
    }
    if (!cursor.has("start_cursor")) {
      return new Violation(pointer.member("start_cursor"), "is missing");
    }
    return cursor.has("end_cursor")
        ? null
        : new Violation(pointer.member("end_cursor"), "is missing");
  }

  private static boolean isWhole(JsonNode value, long min, long max) {
    return value.isIntegralNumber()
        && value.canConvertToLong()
        && value.longValue() >= min
        && value.longValue() <= max;
  }
}
