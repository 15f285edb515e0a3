package org.wasmbroker.protocol.standalone;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.StepIds;

/**
 * A message that is a step. The parts that only the handler understands stay bytes of the message,
 * from {@code start} to before {@code end}.
 *
 * @param name the step's own name, or null
 * @param maxAttempts as the message says, or null
 * @param timeout as the message says, or null
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

  /** Part of the message's bytes; empty where the member was left out. */
  record Slice(int start, int end) {
    static final Slice NONE = new Slice(0, 0);

    boolean isEmpty() {
      return end == start;
    }
  }
}
