package org.wasmbroker.app;

/** Health and metrics cannot be served; the message says why and which settings to change. */
public final class HttpUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public HttpUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
