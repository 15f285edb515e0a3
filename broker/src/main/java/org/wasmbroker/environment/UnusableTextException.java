package org.wasmbroker.environment;

/**
 * A text that this process was started with cannot be used; the message says why and what to do.
 */
public final class UnusableTextException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  UnusableTextException(String message, Exception cause) {
    super(message, cause);
  }

  UnusableTextException(String message) {
    super(message);
  }
}
