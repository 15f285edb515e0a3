package org.wasmbroker.embedded;

import org.jspecify.annotations.Nullable;

/** The embedded server could not be started; the message says what to do. */
public final class EmbeddedPostgresException extends RuntimeException {
  private static final long serialVersionUID = 1;

  EmbeddedPostgresException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
