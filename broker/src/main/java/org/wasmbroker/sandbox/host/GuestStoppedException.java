package org.wasmbroker.sandbox.host;

/**
 * Thrown by a host function to end the guest's run; {@link RunState} holds why. Carries no stack
 * trace, since it never leaves the engine's binding.
 */
public final class GuestStoppedException extends Exception {
  private static final long serialVersionUID = 1;

  public GuestStoppedException(String message) {
    super(message, null, false, false);
  }
}
