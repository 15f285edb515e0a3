package org.wasmbroker.protocol.standalone;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Ending;
import org.wasmbroker.pgmq.Return;
import org.wasmbroker.protocol.StepExecutionResult;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.step.Outcome;

/** What is to be written about one claim. */
sealed interface Settlement {
  MessageClaim claim();

  /** The message leaves the queue. */
  record End(MessageClaim claim, Ending ending, @Nullable DeadLetter letter)
      implements Settlement {}

  /** The message is to be read again. */
  record Again(MessageClaim claim, Return entry) implements Settlement {}

  static Settlement completed(
      MessageClaim claim, Outcome.Completed outcome, WorkerIdentity worker) {
    return end(claim, StepExecutionResult.of(outcome, worker), null);
  }

  static Settlement failed(
      MessageClaim claim,
      Outcome.Failed outcome,
      @Nullable DeadLetter letter,
      WorkerIdentity worker) {
    return end(claim, StepExecutionResult.of(outcome, worker), letter);
  }

  /** No result: nobody knows for which step it would be. */
  static Settlement buried(MessageClaim claim, DeadLetter letter) {
    return end(claim, null, letter);
  }

  static Settlement retried(MessageClaim claim, Duration delay) {
    return new Again(claim, new Return(claim.lease(), delay, claim.headers().failures() + 1));
  }

  private static Settlement end(
      MessageClaim claim, @Nullable String result, @Nullable DeadLetter letter) {
    var headers = result == null ? null : MessageHeaders.ofResult(claim.headers().trace());
    var ending = new Ending(claim.lease(), result, headers, letter == null ? null : letter.json());
    return new End(claim, ending, letter);
  }
}
