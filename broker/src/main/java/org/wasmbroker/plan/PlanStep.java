package org.wasmbroker.plan;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.step.HandlerRef;
import tools.jackson.databind.JsonNode;

/**
 * A step of a workflow, however it was written.
 *
 * @param pointer where it is
 * @param handler null if it is missing or invalid, which was reported
 * @param handlerPointer where the handler is named
 * @param config an object
 * @param dependencies the steps that it waits for
 * @param createdBy the step whose result decides whether it runs, or null
 * @param pattern whether it is run as several steps, whose names begin with its name
 */
record PlanStep(
    String name,
    JsonPointer pointer,
    @Nullable HandlerRef handler,
    JsonPointer handlerPointer,
    JsonNode config,
    JsonPointer configPointer,
    List<Named> dependencies,
    @Nullable Named createdBy,
    boolean pattern) {
  PlanStep {
    dependencies = List.copyOf(dependencies);
  }

  /** A name of another step, where it stands. */
  record Named(String name, JsonPointer pointer) {}

  /** All steps that have to end before it starts. */
  List<Named> before() {
    return createdBy == null
        ? dependencies
        : Stream.concat(dependencies.stream(), Stream.of(createdBy)).toList();
  }
}
