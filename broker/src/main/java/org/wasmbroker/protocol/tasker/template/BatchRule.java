package org.wasmbroker.protocol.tasker.template;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the result of a batchable step must have: {@code batch_processing_outcome} with the type
 * {@code no_batches}, or {@code create_batches} and a cursor for each batch worker. Tasker's
 * orchestrator logs a line about any other, and the task waits for ever.
 */
final class BatchRule {
  static final String MEMBER = "batch_processing_outcome";

  /** Where Tasker looks for the worker of a step that makes no batches. */
  static final String DEFAULT_WORKER = "worker_template_name";

  /** A batch worker's name is kept in a column of this length. */
  static final int LONGEST_STEP_NAME = 128;

  private static final Place OUTCOME = Place.ROOT.member(MEMBER);
  private static final long MOST_UNSIGNED = 0xFFFF_FFFFL;
  private static final JsonMapper JSON = new JsonMapper();

  private BatchRule() {}

  static @Nullable Misfit misfit(TaskTemplate template, StepDefinition batchable, JsonNode result) {
    var outcome = result.path(MEMBER);
    if (!outcome.isObject()) {
      return new Misfit(OUTCOME, "must be an object, since the step is batchable");
    }
    return switch (outcome.path("type").asStringOpt().orElse("")) {
      case "no_batches" -> noBatches(template, batchable);
      case "create_batches" -> batches(template, outcome);
      default -> new Misfit(OUTCOME.member("type"), "must be \"no_batches\" or \"create_batches\"");
    };
  }

  /** Tasker creates one worker all the same, which has nothing to do. */
  private static @Nullable Misfit noBatches(TaskTemplate template, StepDefinition batchable) {
    var problem = defaultWorkerProblem(template, batchable);
    return problem == null
        ? null
        : new Misfit(OUTCOME.member("type"), "cannot be \"no_batches\": " + problem);
  }

  /** Why the step cannot do without batches, a sentence; null when it can. */
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
      return "names '%s', which is no step of type batch_worker in this template"
          .formatted(SafeText.sanitize(name, 100));
    }
    return worker.batch() == null ? "names '%s', which has no batch_config".formatted(name) : null;
  }

  private static @Nullable Misfit batches(TaskTemplate template, JsonNode outcome) {
    var name = outcome.path("worker_template_name");
    if (!name.isString()) {
      return new Misfit(OUTCOME.member("worker_template_name"), "must be text");
    }
    var problem = workerProblem(template, name.stringValue());
    if (problem != null) {
      return new Misfit(OUTCOME.member("worker_template_name"), problem);
    }
    var cursors = outcome.path("cursor_configs");
    var place = OUTCOME.member("cursor_configs");
    if (!cursors.isArray() || cursors.isEmpty()) {
      return new Misfit(
          place, "must be a list of one or more cursors; without any, say no_batches");
    }
    var count = outcome.path("worker_count");
    if (!isWhole(count, 1, cursors.size()) || count.intValue() != cursors.size()) {
      return new Misfit(
          OUTCOME.member("worker_count"),
          "must be the number of cursors, %d".formatted(cursors.size()));
    }
    if (!isWhole(outcome.path("total_items"), 0, Long.MAX_VALUE)) {
      return new Misfit(OUTCOME.member("total_items"), "must be a whole number, 0 or more");
    }
    var taken = new HashSet<String>();
    for (int i = 0; i < cursors.size(); i++) {
      var misfit = cursor(template, name.stringValue(), cursors.get(i), place.element(i), taken);
      if (misfit != null) {
        return misfit;
      }
    }
    return null;
  }

  private static @Nullable Misfit cursor(
      TaskTemplate template, String worker, JsonNode cursor, Place place, Set<String> taken) {
    var id = cursor.path("batch_id");
    var idPlace = place.member("batch_id");
    if (!id.isString() || id.stringValue().isEmpty()) {
      return new Misfit(idPlace, "must be text, and not empty");
    }
    var name = worker + "_" + id.stringValue();
    if (name.codePointCount(0, name.length()) > LONGEST_STEP_NAME) {
      return new Misfit(
          idPlace,
          "must leave the worker's name, '%s_' and the batch_id, %d characters at most"
              .formatted(worker, LONGEST_STEP_NAME));
    }
    if (!SafeText.sanitize(name, LONGEST_STEP_NAME).equals(name)) {
      return new Misfit(idPlace, "must have no control characters");
    }
    if (template.step(name) != null) {
      return new Misfit(idPlace, "makes the worker's name '%s', another step's".formatted(name));
    }
    if (!taken.add(name)) {
      return new Misfit(idPlace, "is '%s' again".formatted(id.stringValue()));
    }
    if (!isWhole(cursor.path("batch_size"), 1, MOST_UNSIGNED)) {
      return new Misfit(
          place.member("batch_size"), "must be a whole number, 1 to " + MOST_UNSIGNED);
    }
    if (!cursor.has("start_cursor")) {
      return new Misfit(place.member("start_cursor"), "is missing");
    }
    return cursor.has("end_cursor") ? null : new Misfit(place.member("end_cursor"), "is missing");
  }

  private static boolean isWhole(JsonNode value, long least, long most) {
    return value.isIntegralNumber()
        && value.canConvertToLong()
        && value.longValue() >= least
        && value.longValue() <= most;
  }
}
