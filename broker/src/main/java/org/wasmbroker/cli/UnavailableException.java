package org.wasmbroker.cli;

/** Something that the command needs is missing or unreachable; the message says what to do. */
public final class UnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UnavailableException(String message) {
    super(message);
  }

  public UnavailableException(Throwable cause) {
    super(cause.getMessage(), cause);
  }
}
