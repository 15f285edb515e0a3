package org.wasmbroker.mcp;

/** A client that has closed its connection, or reads too slowly. */
final class ClientGoneException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ClientGoneException(Throwable cause) {
    super("the client went away", cause);
  }
}
