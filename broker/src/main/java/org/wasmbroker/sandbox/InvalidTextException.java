package org.wasmbroker.sandbox;

/** A text is not a module in WebAssembly's text format; the message has several lines. */
public final class InvalidTextException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public InvalidTextException(String message) {
    super(message);
  }
}
