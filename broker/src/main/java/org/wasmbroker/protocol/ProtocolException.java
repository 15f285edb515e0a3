package org.wasmbroker.protocol;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.concurrent.OutageLog;
import org.wasmbroker.pgmq.SqlFailure;

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

  /** How bad it is that an attempt of something failed with this, whatever it is. */
  public static OutageLog.Severity severityOf(Throwable failure) {
    return switch (failure) {
      case ProtocolException known when known.isTransient() -> OutageLog.Severity.TRANSIENT;
      case ProtocolException _ -> OutageLog.Severity.PERMANENT;
      default -> SqlFailure.severityOf(failure);
    };
  }

  /** Whether the same call may succeed later without intervention. */
  public boolean isTransient() {
    return kind == Kind.TRANSIENT;
  }
}
