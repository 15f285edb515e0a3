package org.wasmbroker.cli;

/** Invalid arguments; the message says which, and what would be valid. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UsageException(String message) {
    super(message);
  }
}
