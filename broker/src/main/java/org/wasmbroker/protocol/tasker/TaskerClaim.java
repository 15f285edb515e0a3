package org.wasmbroker.protocol.tasker;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.tasker.template.StepDefinition;
import org.wasmbroker.protocol.tasker.template.TaskTemplate;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Step;

/**
 * The ownership of a step: the transition to {@code in_progress} that this worker inserted. As long
 * as that is the step's most recent one, nobody else has touched the step. Two claims are equal
 * when they are the same transition.
 */
final class TaskerClaim implements Claim {
  private final UUID transition;
  private final UUID step;
  private final UUID task;
  private final UUID correlation;
  private final boolean retryable;
  private final @Nullable TaskTemplate template;
  private final @Nullable StepDefinition definition;
  private final @Nullable Document sequence;

  private TaskerClaim(
      ClaimedRow row,
      @Nullable TaskTemplate template,
      @Nullable StepDefinition definition,
      @Nullable Document sequence) {
    this.transition = row.transition();
    this.step = row.step();
    this.task = row.task();
    this.correlation = row.correlation();
    this.retryable = row.retryable();
    this.template = template;
    this.definition = definition;
    this.sequence = sequence;
  }

  /** Of a step that is defined nowhere: it can only fail. */
  static TaskerClaim undefined(ClaimedRow row) {
    return new TaskerClaim(row, null, null, null);
  }

  /**
   * @param sequence what Tasker shows a handler of its step, for domain events; null where the step
   *     declares none
   */
  static TaskerClaim of(
      ClaimedRow row,
      TaskTemplate template,
      StepDefinition definition,
      @Nullable Document sequence) {
    return new TaskerClaim(row, template, definition, sequence);
  }

  static TaskerClaim of(Step step) {
    return (TaskerClaim) step.claim();
  }

  UUID transition() {
    return transition;
  }

  UUID step() {
    return step;
  }

  UUID task() {
    return task;
  }

  /** Of the task's row; what the message said does not count. */
  UUID correlation() {
    return correlation;
  }

  /** Whether the step's definition allows another attempt at all. */
  boolean retryable() {
    return retryable;
  }

  @Nullable TaskTemplate template() {
    return template;
  }

  @Nullable StepDefinition definition() {
    return definition;
  }

  @Nullable Document sequence() {
    return sequence;
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
