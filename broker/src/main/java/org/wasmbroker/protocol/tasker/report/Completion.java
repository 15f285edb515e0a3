package org.wasmbroker.protocol.tasker.report;

import java.util.UUID;
import org.wasmbroker.step.Document;

/**
 * The end of an attempt, as it is written.
 *
 * @param transition the claim's transition, which must be the step's most recent one
 * @param success which of the two states the step moves to
 * @param result the StepExecutionResult, a JSON object
 * @param countsAttempt whether the attempt counts; that of a released step does not
 */
public record Completion(
    UUID step,
    UUID transition,
    UUID task,
    UUID correlation,
    boolean success,
    Document result,
    boolean countsAttempt) {
  /** The message that notifies the orchestrator of the result. */
  ResultMessage message() {
    return new ResultMessage(transition, task, step, correlation);
  }
}
