package org.wasmbroker.protocol.standalone;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Archival;
import org.wasmbroker.pgmq.Requeue;
import org.wasmbroker.protocol.StepExecutionResult;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.TraceContext;

/** What is written about one claim. */
sealed interface Disposition {
  MessageClaim claim();

  /** The message is archived. */
  record Archived(MessageClaim claim, Archival archival, @Nullable DeadLetter letter)
      implements Disposition {}

  /** The message becomes visible again. */
  record Requeued(MessageClaim claim, Requeue entry) implements Disposition {}

  /**
   * @param newMessages the steps that the result asks for, or null
   */
  static Disposition completed(
      MessageClaim claim,
      Outcome.Completed outcome,
      @Nullable Document newMessages,
      WorkerIdentity worker) {
    var trace = outcome.step().trace();
    var newHeaders = newMessages == null ? null : MessageHeaders.ofNewStep(claim.headers(), trace);
    var archival =
        new Archival(
            claim.lease(),
            StepExecutionResult.of(outcome, worker),
            MessageHeaders.ofResult(trace),
            null,
            newMessages,
            newHeaders);
    return new Archived(claim, archival, null);
  }

  static Disposition failed(
      MessageClaim claim,
      Outcome.Failed outcome,
      @Nullable DeadLetter letter,
      WorkerIdentity worker) {
    return archived(claim, StepExecutionResult.of(outcome, worker), outcome.step().trace(), letter);
  }

  /** Without a result, since the message does not identify a step. */
  static Disposition invalid(MessageClaim claim, DeadLetter letter) {
    return archived(claim, null, TraceContext.NONE, letter);
  }

  static Disposition requeued(MessageClaim claim, Outcome.Retry outcome) {
    var headers = MessageHeaders.ofRetry(claim, outcome.receipt().module());
    return new Requeued(claim, new Requeue(claim.lease(), outcome.delay(), headers));
  }

  /**
   * @param trace the context of the step's run, which the result carries
   */
  private static Disposition archived(
      MessageClaim claim,
      @Nullable Document result,
      TraceContext trace,
      @Nullable DeadLetter letter) {
    var headers = result == null ? null : MessageHeaders.ofResult(trace);
    var archival =
        new Archival(claim.lease(), result, headers, letter == null ? null : letter.json());
    return new Archived(claim, archival, letter);
  }
}
