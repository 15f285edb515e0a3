package org.wasmbroker.protocol.tasker.template;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.Document;

/**
 * One step of a template.
 *
 * @param callable what runs it; {@link CallableParser} reads it
 * @param method the entry point of the callable, or null for the usual one
 * @param resolver who finds the callable, or null for anyone
 * @param initialization the handler's configuration, a JSON object, {@code {}} if there is none
 * @param dependencies names of the steps whose results it waits for
 * @param timeout how long one run may take, or null for the worker's own limit
 * @param resultSchema what its result must look like, or null for anything
 * @param batch how a batchable step splits its work, or how a batch worker's batches are treated
 * @param json the whole definition, as the template has it
 */
public record StepDefinition(
    String name,
    StepType type,
    String callable,
    @Nullable String method,
    @Nullable String resolver,
    Document initialization,
    List<String> dependencies,
    @Nullable Duration timeout,
    @Nullable JsonSchema resultSchema,
    List<EventDeclaration> publishesEvents,
    @Nullable BatchConfig batch,
    Document json) {
  public StepDefinition {
    dependencies = List.copyOf(dependencies);
    publishesEvents = List.copyOf(publishesEvents);
  }
}
