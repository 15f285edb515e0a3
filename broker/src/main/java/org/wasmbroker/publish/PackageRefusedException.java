package org.wasmbroker.publish;

/** The files of a handler cannot be used; the message says which, why, and what to do. */
public final class PackageRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public PackageRefusedException(String message) {
    super(message);
  }
}
