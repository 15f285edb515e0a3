package org.wasmbroker.protocol;

import java.util.function.Supplier;
import org.wasmbroker.pgmq.SqlFailure;

/** What the database answers; its failures in the port's words. */
public final class DatabaseCalls {
  private DatabaseCalls() {}

  /**
   * Makes the call.
   *
   * @throws ProtocolException when the database refuses or cannot be reached
   */
  public static <T> T asked(Supplier<T> call) {
    try {
      return call.get();
    } catch (SqlFailure failure) {
      var words = failure.getMessage();
      throw new ProtocolException(
          words == null ? "the database failed" : words, failure.isTransient(), failure);
    }
  }
}
