package org.wasmbroker.sandbox.files;

/** What a module carries beside its code is to be a directory, and is not an archive of one. */
public final class UnusableContentException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UnusableContentException(String message) {
    super(message, null, false, false);
  }

  public String message() {
    return String.valueOf(getMessage());
  }
}
