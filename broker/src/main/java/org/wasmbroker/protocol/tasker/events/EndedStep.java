package org.wasmbroker.protocol.tasker.events;

import java.util.UUID;
import org.wasmbroker.protocol.tasker.template.StepDefinition;
import org.wasmbroker.protocol.tasker.template.TaskTemplate;
import org.wasmbroker.step.Document;

/**
 * A step that ended and was reported, of which events may tell.
 *
 * @param stepName the step's own name, which for a batch worker is not its definition's
 * @param taskSequenceStep what Tasker's workers give to their handlers: task, step, dependencies
 * @param executionResult the result as it was reported; its {@code result} is the event's payload
 * @param retryable whether the step, having failed, is tried again
 */
public record EndedStep(
    TaskTemplate template,
    StepDefinition definition,
    String stepName,
    Document taskSequenceStep,
    Document executionResult,
    boolean success,
    boolean retryable,
    UUID task,
    UUID step,
    UUID correlation,
    String namespace) {}
