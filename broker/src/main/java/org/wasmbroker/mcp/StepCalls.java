package org.wasmbroker.mcp;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.TraceContext;

/** Runs the steps that calls of tools are. */
@FunctionalInterface
public interface StepCalls {
  /**
   * Has a step run on another thread, as soon as it is admitted.
   *
   * @param trace of whoever calls the tool
   * @param cancellation ends the step, whether it waits or runs
   * @param log gets the lines of its guest, on the guest's thread
   * @return its outcome; null if it was cancelled
   */
  CompletableFuture<@Nullable Outcome> start(
      HandlerRef handler,
      Document document,
      TraceContext trace,
      Cancellation cancellation,
      GuestLog log);
}
