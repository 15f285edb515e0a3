package org.wasmbroker.embedded;

import org.jspecify.annotations.Nullable;

/** A part of Tasker could not be set up, started or called; the message says what to do. */
public final class TaskerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  TaskerException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
