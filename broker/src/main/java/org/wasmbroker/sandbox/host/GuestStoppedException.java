package org.wasmbroker.sandbox.host;

/**
 * Thrown by a host function to stop the guest that called it; {@link RunState#stopReason} says why.
 * It never leaves the engine's binding, so it carries no stack trace.
 */
public final class GuestStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public GuestStoppedException(String message) {
    super(message, null, false, false);
  }
}
