package org.wasmbroker.protocol;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;

/** What a protocol has to say while a step's run ends. Called on guest threads; thread-safe. */
public interface StepRules {
  /** A protocol that takes every result and keeps no checkpoint. */
  StepRules NONE = new StepRules() {};

  /**
   * Why a result value is none for this step; null when it is one.
   *
   * @param maxNewWork how many new steps or batches the result may ask for
   */
  default @Nullable StepError validateResult(Step step, Document result, int maxNewWork) {
    return null;
  }

  /**
   * Keeps how far a step has come, for this run's continuation and for a later attempt.
   *
   * @throws ProtocolException when the database refuses or cannot be reached; nothing was kept
   */
  default CheckpointResult saveCheckpoint(Step step, Checkpoint checkpoint) {
    return new CheckpointResult.Unsupported();
  }

  /** What became of a checkpoint. */
  sealed interface CheckpointResult {
    /**
     * @param step the same claim, whose document has the checkpoint
     */
    record Saved(Step step) implements CheckpointResult {}

    /** The claim is another's now. */
    record Lost() implements CheckpointResult {}

    /** The protocol has no place for it. */
    record Unsupported() implements CheckpointResult {}
  }
}
