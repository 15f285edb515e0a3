package org.wasmbroker.secret;

import org.jspecify.annotations.Nullable;

/**
 * A secret is there and cannot be used; the message is for the operator. It names the place, and
 * nothing of the value.
 */
public final class SecretUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public SecretUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
