package org.wasmbroker.protocol.tasker.events;

import java.util.UUID;
import org.wasmbroker.protocol.tasker.template.StepDefinition;
import org.wasmbroker.step.Document;

/**
 * A step that ended and was reported, whose events can be published.
 *
 * @param stepName the step's own name, which for a batch worker differs from its definition's
 * @param taskSequenceStep what Tasker's workers pass to their handlers: task, step, dependencies
 * @param payload the value of the step's result, which is the event's payload
 * @param executionResult the whole result as it was reported
 * @param retryable whether the step, having failed, is retried
 */
public record EndedStep(
    StepDefinition definition,
    String stepName,
    Document taskSequenceStep,
    Document payload,
    Document executionResult,
    boolean success,
    boolean retryable,
    UUID task,
    UUID step,
    UUID correlation,
    String namespace) {}
