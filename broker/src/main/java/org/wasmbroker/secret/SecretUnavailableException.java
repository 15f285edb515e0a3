package org.wasmbroker.secret;

import org.jspecify.annotations.Nullable;

/**
 * A secret exists but cannot be used. The message is for the operator; it names the location, and
 * contains nothing of the value.
 */
public final class SecretUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public SecretUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
