package org.wasmbroker.protocol.tasker.claim;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.tasker.template.StepDefinition;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;

/**
 * The ownership of a step: the transition to {@code in_progress} that this worker inserted. As long
 * as it is the step's most recent transition, nobody else has changed the step. Two claims are
 * equal if they are the same transition.
 */
public final class TaskerClaim implements Claim {
  private final UUID transition;
  private final UUID step;
  private final UUID task;
  private final UUID correlation;
  private final boolean retryable;
  private final @Nullable PreparedStep prepared;
  private final @Nullable Document taskSequenceStep;
  private final int checkpointOffset;
  private final @Nullable Integer lostStarts;
  private volatile @Nullable ModulePin continued;

  private TaskerClaim(ClaimedRow row, @Nullable PreparedStep prepared, Document document) {
    this.transition = row.transition();
    this.step = row.step();
    this.task = row.task();
    this.correlation = row.correlation();
    this.retryable = row.retryable();
    this.prepared = prepared;
    this.taskSequenceStep =
        prepared == null || prepared.definition().publishesEvents().isEmpty()
            ? null
            : StepDocuments.taskSequenceStep(row, prepared);
    this.lostStarts = row.lostStarts();
    this.checkpointOffset = StepDocuments.checkpointOffset(document, row.checkpoint());
  }

  /** For a step without a definition: it can only fail. */
  static TaskerClaim withoutDefinition(ClaimedRow row) {
    return new TaskerClaim(row, null, Document.EMPTY);
  }

  /**
   * @param document the step document; empty if no guest will read it
   */
  static TaskerClaim of(ClaimedRow row, PreparedStep prepared, Document document) {
    return new TaskerClaim(row, prepared, document);
  }

  public static TaskerClaim of(Step step) {
    return (TaskerClaim) step.claim();
  }

  @Override
  public boolean isSuspect() {
    return lostStarts != null;
  }

  @Override
  public int lostStarts() {
    return lostStarts == null ? 0 : lostStarts;
  }

  public UUID transition() {
    return transition;
  }

  public UUID step() {
    return step;
  }

  public UUID task() {
    return task;
  }

  /** From the task's row; the one in the message is ignored. */
  public UUID correlation() {
    return correlation;
  }

  /** Whether the step's definition allows another attempt at all. */
  public boolean retryable() {
    return retryable;
  }

  /** Null if the step has no definition. */
  public @Nullable StepDefinition definition() {
    return prepared == null ? null : prepared.definition();
  }

  /** The namespace of the step's template; null if the step has no definition. */
  public @Nullable String namespace() {
    return prepared == null ? null : prepared.namespace();
  }

  /** Why the step must fail although its handler wrote a result, or null. */
  public @Nullable StepError problem(Document result, int maxNewWork) {
    return prepared == null ? null : prepared.rules().problem(result, maxNewWork);
  }

  /** What Tasker's own handlers see of the step; null if no domain event needs it. */
  public @Nullable Document taskSequenceStep() {
    return taskSequenceStep;
  }

  /** From now on the step continues from a checkpoint of this module. */
  public void continuesWith(ModuleId module) {
    continued = ModulePin.of(module, true);
  }

  /** The module whose checkpoint the step continues from, if it was saved under this claim. */
  public @Nullable ModulePin continued() {
    return continued;
  }

  /** The offset of the checkpoint in the step document, in bytes. */
  public int checkpointOffset() {
    return checkpointOffset;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TaskerClaim claim && transition.equals(claim.transition);
  }

  @Override
  public int hashCode() {
    return transition.hashCode();
  }

  @Override
  public String toString() {
    return "TaskerClaim[" + step + " by " + transition + "]";
  }
}
