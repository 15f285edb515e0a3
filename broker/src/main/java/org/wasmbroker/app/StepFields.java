package org.wasmbroker.app;

import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import org.wasmbroker.telemetry.CurrentStep;

/**
 * What a line tells of the step that its thread works for, besides what it tells itself: a line of
 * a library, or of a part of the broker that knows no steps, can be found by the step's id, too.
 */
final class StepFields {
  private StepFields() {}

  /** Passes each field that the line has not itself. */
  static void forEach(@Nullable List<KeyValuePair> own, BiConsumer<String, Object> fields) {
    var step = CurrentStep.get();
    if (step == null) {
      return;
    }
    var ids = step.ids();
    add("step", step.id(), own, fields);
    add("handler", step.handler(), own, fields);
    add("task", ids.task(), own, fields);
    add("correlation", ids.correlation(), own, fields);
    add("attempt", step.attempt().number(), own, fields);
    add("trace_id", step.trace().traceId(), own, fields);
    add("span_id", step.trace().spanId(), own, fields);
  }

  /** The same for a line that people read: no more than finds the others. */
  static void forPeople(@Nullable List<KeyValuePair> own, BiConsumer<String, Object> fields) {
    var step = CurrentStep.get();
    if (step != null) {
      add("step", step.id(), own, fields);
      add("trace_id", step.trace().traceId(), own, fields);
    }
  }

  private static void add(
      String name,
      @Nullable Object value,
      @Nullable List<KeyValuePair> own,
      BiConsumer<String, Object> fields) {
    if (value != null && (own == null || own.stream().noneMatch(pair -> pair.key.equals(name)))) {
      fields.accept(name, value);
    }
  }
}
