package org.wasmbroker.execution;

import org.wasmbroker.document.Problem;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.StepError;

/** What a guest wrote as its result (docs/guest-abi.md), checked. */
sealed interface ResultDocument {
  /**
   * @param result the bytes of the result value as the guest wrote them
   */
  record Completed(Document result) implements ResultDocument {}

  record Failed(StepError error) implements ResultDocument {}

  /** Progress of a long step, to be continued; only for protocols that can save it. */
  record Checkpointed(Checkpoint checkpoint) implements ResultDocument {}

  /** Not a result document, and the reason. */
  record Invalid(Problem problem) implements ResultDocument {}
}
