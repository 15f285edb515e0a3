package org.wasmbroker.protocol;

import java.util.function.Supplier;
import org.wasmbroker.pgmq.SqlFailure;

/** What the database answers; its failures in the port's words. */
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
      var message = failure.getMessage();
      throw new ProtocolException(
          message == null ? "the database failed" : message, failure.isTransient(), failure);
    }
  }
}
