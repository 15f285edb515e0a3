package org.wasmbroker.protocol;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.execution.StepRules.StartRecord;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.step.Step;

/** Calls of the database whose failures become those of the port. */
public final class ProtocolCalls {
  private static final Logger log = LoggerFactory.getLogger(ProtocolCalls.class);

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

  /**
   * Records the start of a suspect.
   *
   * @param update the statement, which says whether the claim is still ours
   */
  public static StartRecord recordStart(Step step, BooleanSupplier update) {
    try {
      return update.getAsBoolean() ? StartRecord.RECORDED : StartRecord.LOST;
    } catch (SqlFailure failure) {
      log.atWarn()
          .addKeyValue("step", step.id())
          .log("a suspect's start could not be recorded: {}", failure.getMessage());
      return StartRecord.FAILED;
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
