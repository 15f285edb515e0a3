package org.wasmbroker.protocol.tasker.report;

import java.util.UUID;

/**
 * The end of one attempt, as it is written.
 *
 * @param transition the claim's transition, which must be the step's most recent one
 * @param success which of the two states the step goes to
 * @param result the StepExecutionResult, a JSON object
 * @param countsAttempt whether the attempt counts; one that was given back does not
 */
public record Completion(
    UUID step,
    UUID transition,
    UUID task,
    UUID correlation,
    boolean success,
    String result,
    boolean countsAttempt) {
  /** What tells the orchestrator of the result. */
  ResultMessage message() {
    return new ResultMessage(transition, task, step, correlation);
  }
}
