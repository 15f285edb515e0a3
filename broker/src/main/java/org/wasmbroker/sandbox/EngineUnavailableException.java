package org.wasmbroker.sandbox;

import org.jspecify.annotations.Nullable;

/** The engine cannot be used on this machine; the message says why and what to do. */
public final class EngineUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public EngineUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
