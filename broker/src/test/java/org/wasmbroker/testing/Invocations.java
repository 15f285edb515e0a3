package org.wasmbroker.testing;

import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Document;

/** Creates invocations for tests that do not involve grants. */
public final class Invocations {
  private Invocations() {}

  /** A run that has only its input, output, log and clock. */
  public static Invocation basic(
      Document input, Limits limits, Cancellation cancellation, GuestLog log) {
    return new Invocation(
        "handler", input, limits, cancellation, log, Capabilities.STANDARD.basicAccess());
  }
}
