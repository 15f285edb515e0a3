package org.wasmbroker.protocol.tasker.claim;

import org.wasmbroker.step.StepError;

/** The error of a step whose callable this worker cannot run, as Tasker's own workers report it. */
public final class HandlerNotFound {
  private HandlerNotFound() {}

  public static StepError error(String callable, String reason) {
    return StepError.permanent(
        "handler_not_found", "Handler not found: %s (%s)".formatted(callable, reason));
  }
}
