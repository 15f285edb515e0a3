package org.wasmbroker.protocol;

import java.util.function.Supplier;
import org.wasmbroker.pgmq.SqlFailure;

/** Calls of the database whose failures become those of the port. */
public final class ProtocolCalls {
  private ProtocolCalls() {}

  /**
   * Makes the call.
   *
   * @throws ProtocolException when the database refuses or cannot be reached
   */
  public static <T> T call(Supplier<T> call) {
    try {
      return call.get();
    } catch (SqlFailure failure) {
      throw exception(failure);
    }
  }

  /** The failure of a statement, as a failure of the port. */
  public static ProtocolException exception(SqlFailure failure) {
    var message = failure.getMessage();
    var kind =
        switch (failure.kind()) {
          case TRANSIENT -> ProtocolException.Kind.TRANSIENT;
          case DATA -> ProtocolException.Kind.UNSTORABLE;
          case PERMANENT -> ProtocolException.Kind.PERMANENT;
        };
    return new ProtocolException(message == null ? "the database failed" : message, kind, failure);
  }
}
