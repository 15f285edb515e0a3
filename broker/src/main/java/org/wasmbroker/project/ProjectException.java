package org.wasmbroker.project;

import org.jspecify.annotations.Nullable;

/** A project is invalid or cannot be made; the message says what is wrong, and what to do. */
public final class ProjectException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ProjectException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  public ProjectException(String message) {
    this(message, null);
  }
}
