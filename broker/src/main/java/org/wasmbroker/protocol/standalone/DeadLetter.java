package org.wasmbroker.protocol.standalone;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.DocumentWriter;
import org.wasmbroker.protocol.StepExecutionResult;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.StepError;

/**
 * The broker's part of a dead letter. The database adds the message itself and its origin, so that
 * documents need not be sent back.
 *
 * @param reason for programs
 * @param detail for people, a sentence
 * @param attempts how many attempts were made
 * @param lastError the error of the last attempt, or null
 * @param receipt of the last attempt, or null if no module ran
 * @param worker the id of the worker that gave the message up
 */
record DeadLetter(
    Reason reason,
    String detail,
    int attempts,
    @Nullable StepError lastError,
    @Nullable Receipt receipt,
    String worker) {
  enum Reason {
    /** The message is not a valid step. */
    INVALID("invalid"),
    /** All attempts have failed. */
    EXHAUSTED("exhausted"),
    /** Too many claims were lost while the step ran. */
    POISONED("poisoned");

    private final String code;

    Reason(String code) {
      this.code = code;
    }

    String code() {
      return code;
    }
  }

  Document json() {
    return DocumentWriter.object(
        json -> {
          json.member("reason", reason.code())
              .member("detail", detail)
              .member("attempts", attempts);
          if (lastError == null) {
            json.member("last_error", (String) null);
          } else {
            json.start("last_error");
            StepExecutionResult.write(json, lastError);
            json.end();
          }
          if (receipt == null || receipt.module() == null) {
            json.member("receipt", (String) null);
          } else {
            json.start("receipt");
            StepExecutionResult.write(json, receipt);
            json.end();
          }
          json.member("worker_id", worker);
        });
  }
}
