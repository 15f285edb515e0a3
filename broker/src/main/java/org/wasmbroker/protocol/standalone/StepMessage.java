package org.wasmbroker.protocol.standalone;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.StepIds;

/**
 * A message that describes a step. The members that only the handler interprets stay slices of the
 * message's bytes.
 *
 * @param name the step's own name, or null for that of its handler
 * @param maxAttempts null where the message has none
 * @param timeout null where the message has none
 */
record StepMessage(
    StepIds ids,
    @Nullable String name,
    HandlerRef handler,
    @Nullable Integer maxAttempts,
    @Nullable Duration timeout,
    Slice config,
    Slice input,
    Slice deps) {
  static final int MAX_ATTEMPTS = 100;
  static final Duration MAX_TIMEOUT = Duration.ofDays(1);
  static final int MAX_NAME_LENGTH = 200;

  /** The message's bytes from {@code start} to before {@code end}; empty for a missing member. */
  record Slice(int start, int end) {
    static final Slice NONE = new Slice(0, 0);

    boolean isEmpty() {
      return end == start;
    }
  }
}
