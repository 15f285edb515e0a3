package org.wasmbroker.conformance;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.example.LogLine;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Document;
import tools.jackson.databind.JsonNode;

/**
 * A step, and what a good guest does with it.
 *
 * @param name unique in the kit; what is before the colon is its group
 * @param config the configuration, a JSON object
 * @param context the task's input, any JSON
 * @param whole the step document instead of the two, or null
 * @param timeout how long the guest may run, or null for the limit of the module
 * @param ends how each attempt ends, one after the other
 * @param notInComponents why no component can do it that is a handler; null if one can
 * @param log the lines that it logs, in this order
 */
record ConformanceCase(
    String name,
    String config,
    String context,
    @Nullable String whole,
    @Nullable Duration timeout,
    List<End> ends,
    List<LogLine> log,
    @Nullable String notInComponents) {
  private static final String PORT = "@PORT@";

  ConformanceCase {
    ends = List.copyOf(ends);
    log = List.copyOf(log);
  }

  /** How an attempt ends. */
  sealed interface End {
    /** With a result that equals the step's context. */
    record Echo() implements End {}

    /**
     * @param outcome with the member {@code result}, or {@code error} of which only the given
     *     members are compared
     */
    record Exactly(JsonNode outcome) implements End {}

    /** With an outcome that satisfies a schema. */
    record Matching(JsonSchema schema) implements End {}
  }

  /**
   * The step document of an attempt.
   *
   * @param port of the kit's server
   * @param checkpoint of an earlier run, a JSON object, or {@code null}
   */
  Document document(Attempt attempt, int port, String checkpoint) {
    if (whole != null) {
      return Document.of(whole);
    }
    var none = "00000000-0000-0000-0000-000000000000";
    return Document.of(
        """
        {"step":{"step_uuid":"%s","task_uuid":"%s","correlation_id":"%s","name":"conformance","handler":"conformance",\
        "attempt":%d,"max_attempts":%d,"deadline_ms":%d,"inputs":{}},\
        "task":{"name":"conformance","namespace":"default","version":"1.0.0"},\
        "config":%s,"context":%s,"deps":{},"prev":null,"checkpoint":%s}"""
            .formatted(
                none,
                none,
                none,
                attempt.number(),
                attempt.max(),
                timeout == null ? 10_000 : timeout.toMillis(),
                config.replace(PORT, String.valueOf(port)),
                context,
                checkpoint));
  }
}
