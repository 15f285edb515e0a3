package org.wasmbroker.replay;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.execution.NewWork;
import org.wasmbroker.execution.NewWorkLimit;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.recording.TapeEntry;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;

/** What the recorded step's protocol made of its results and checkpoints. */
final class ReplayRules implements StepRules {
  private final Answers answers;
  private final ReplaySecrets secrets;

  ReplayRules(Answers answers, ReplaySecrets secrets) {
    this.answers = answers;
    this.secrets = secrets;
  }

  @Override
  public @Nullable StepError validateResult(Step step, Document result, NewWork allowed) {
    if (answers.peek() instanceof TapeEntry.ResultRefused known) {
      var masked = secrets.masked(result.bytes());
      var _ =
          answers.take(
              "result",
              "for the result " + EntryText.text(masked) + " to be checked",
              _ -> known.result().equals(masked));
      return known.error();
    }
    return NewWorkLimit.violation(result, allowed.most());
  }

  @Override
  public CheckpointResult saveCheckpoint(Step step, ModuleId module, Checkpoint checkpoint) {
    var masked =
        new Checkpoint(
            secrets.masked(checkpoint.cursor().bytes()),
            checkpoint.itemsProcessed(),
            checkpoint.accumulated() == null
                ? null
                : secrets.masked(checkpoint.accumulated().bytes()));
    var entry =
        answers.take(
            "checkpoint",
            "for the checkpoint " + EntryText.text(masked.cursor()) + " to be saved",
            one ->
                (one instanceof TapeEntry.CheckpointSaved(var known, var _) && known.equals(masked))
                    || (one instanceof TapeEntry.CheckpointRefused(var other, var _)
                        && other.equals(masked)));
    return switch (entry) {
      case TapeEntry.CheckpointSaved(var _, var continued) ->
          new CheckpointResult.Saved(step.withDocument(continued));
      case TapeEntry.CheckpointRefused(var _, var reason) ->
          reason == null ? new CheckpointResult.Unsupported() : new CheckpointResult.Failed(reason);
      case null, default -> new CheckpointResult.Failed("the recording has no more checkpoints");
    };
  }
}
