package org.wasmbroker.secret;

import org.wasmbroker.sandbox.AbiError;

/** A request's placeholder is not filled. The message is for the guest. */
public final class FillRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  private final AbiError error;

  FillRefusedException(AbiError error, String message) {
    super(message, null, false, false);
    this.error = error;
  }

  /** INVALID, DENIED, NOT_FOUND, or IO where it may go well another time. */
  public AbiError error() {
    return error;
  }
}
