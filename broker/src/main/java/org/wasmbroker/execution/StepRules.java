package org.wasmbroker.execution;

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

  /** Saves a step's progress, for the continuation of this run and for a later attempt. */
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

    /** It could not be saved, and nothing was changed; the reason is for the log. */
    record Failed(String reason) implements CheckpointResult {}

    /** The protocol has no place for it. */
    record Unsupported() implements CheckpointResult {}
  }
}
