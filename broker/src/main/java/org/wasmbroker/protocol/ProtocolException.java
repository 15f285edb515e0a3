package org.wasmbroker.protocol;

import org.jspecify.annotations.Nullable;

/** The database could not do what the protocol asked. */
public final class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean transientFailure;

  public ProtocolException(String message, boolean transientFailure, @Nullable Throwable cause) {
    super(message, cause);
    this.transientFailure = transientFailure;
  }

  /** Whether the same call may succeed later with nobody's help. */
  public boolean isTransient() {
    return transientFailure;
  }
}
