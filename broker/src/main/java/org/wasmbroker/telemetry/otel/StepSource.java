package org.wasmbroker.telemetry.otel;

import org.jspecify.annotations.Nullable;

/** Where the steps come from that are traced. */
public sealed interface StepSource {
  /**
   * They are claimed from queues.
   *
   * @param name of the queue, or null if there are several
   */
  record Queue(@Nullable String name) implements StepSource {}

  /** They are calls of tools by clients of the Model Context Protocol. */
  record Calls() implements StepSource {}
}
