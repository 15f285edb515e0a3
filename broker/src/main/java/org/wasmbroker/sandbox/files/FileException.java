package org.wasmbroker.sandbox.files;

/** A file operation is refused; nothing was changed by it. */
public final class FileException extends Exception {
  private static final long serialVersionUID = 1;

  private final FileError error;

  public FileException(FileError error) {
    super(error.name(), null, false, false);
    this.error = error;
  }

  public FileError error() {
    return error;
  }
}
