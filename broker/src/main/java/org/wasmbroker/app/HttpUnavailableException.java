package org.wasmbroker.app;

/** Health and metrics cannot be served; the message says where and what to set. */
public final class HttpUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public HttpUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
