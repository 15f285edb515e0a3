package org.wasmbroker.protocol;

import org.jspecify.annotations.Nullable;

/** The database could not do what the protocol asked. */
public final class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What can be done about it. */
  public enum Kind {
    /** The same call may succeed later without intervention. */
    TRANSIENT,
    /** Some of the given values cannot be stored; the call may succeed with others. */
    UNSTORABLE,
    /** Someone has to change something first. */
    PERMANENT
  }

  private final Kind kind;

  public ProtocolException(String message, Kind kind, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /** Whether the same call may succeed later without intervention. */
  public boolean isTransient() {
    return kind == Kind.TRANSIENT;
  }
}
