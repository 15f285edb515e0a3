package org.wasmbroker.execution;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;

/**
 * A protocol's part in running a step: which results it accepts, and where checkpoints are saved.
 * Called on guest threads; thread-safe.
 */
public interface StepRules {
  /** The rules that hold without a protocol: new work is limited, and no checkpoint is saved. */
  StepRules NONE = new StepRules() {};

  /**
   * Records that a suspect is about to run, so that the loss of its claim counts. Called for
   * suspects only, right before the run.
   */
  default StartRecord recordStart(Step step) {
    return StartRecord.RECORDED;
  }

  /** Whether a start was recorded. */
  enum StartRecord {
    RECORDED,
    /** The claim was lost to another worker. */
    LOST,
    /** It could not be recorded; the step must not run. */
    FAILED
  }

  /**
   * Why the step must fail although its handler wrote a result; null when the result is accepted.
   *
   * @param allowed the work that the result may ask for
   */
  default @Nullable StepError validateResult(Step step, Document result, NewWork allowed) {
    return NewWorkLimit.violation(result, allowed);
  }

  /**
   * Saves a step's progress, for the continuation of this run and for a later attempt, which runs
   * the same module.
   */
  default CheckpointResult saveCheckpoint(Step step, ModuleId module, Checkpoint checkpoint) {
    return new CheckpointResult.Unsupported();
  }

  /** How saving a checkpoint ended. */
  sealed interface CheckpointResult {
    /**
     * @param step the same claim, with the checkpoint in its document
     */
    record Saved(Step step) implements CheckpointResult {}

    /** The claim was lost to another worker. */
    record Lost() implements CheckpointResult {}

    /** It could not be saved, and nothing was changed; the reason is for the log. */
    record Failed(String reason) implements CheckpointResult {}

    /** The protocol does not support checkpoints. */
    record Unsupported() implements CheckpointResult {}
  }
}
