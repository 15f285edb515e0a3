package org.wasmbroker.recording;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.execution.NewWork;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;

/** Keeps what a protocol makes of results and checkpoints. */
final class TapedRules implements StepRules {
  private final StepRules rules;
  private final Tape tape;

  TapedRules(StepRules rules, Tape tape) {
    this.rules = rules;
    this.tape = tape;
  }

  @Override
  public StartRecord recordStart(Step step) {
    return rules.recordStart(step);
  }

  @Override
  public @Nullable StepError validateResult(Step step, Document result, NewWork allowed) {
    var error = rules.validateResult(step, result, allowed);
    if (error != null) {
      tape.add(
          new TapeEntry.ResultRefused(result, error), result.size() + error.message().length());
    }
    return error;
  }

  @Override
  public CheckpointResult saveCheckpoint(Step step, ModuleId module, Checkpoint checkpoint) {
    var result = rules.saveCheckpoint(step, module, checkpoint);
    long size =
        (long) checkpoint.cursor().size()
            + (checkpoint.accumulated() == null ? 0 : checkpoint.accumulated().size());
    switch (result) {
      case CheckpointResult.Saved(var continued) ->
          tape.add(
              new TapeEntry.CheckpointSaved(checkpoint, continued.document()),
              size + continued.document().size());
      case CheckpointResult.Failed(var reason) ->
          tape.add(new TapeEntry.CheckpointRefused(checkpoint, reason), size + reason.length());
      case CheckpointResult.Unsupported _ ->
          tape.add(new TapeEntry.CheckpointRefused(checkpoint, null), size);
      case CheckpointResult.Lost _ -> {} // the step has no outcome, and so no recording
    }
    return result;
  }
}
