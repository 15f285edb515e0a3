package org.wasmbroker.protocol.tasker.template;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.Document;

/**
 * A step of a template.
 *
 * @param callable what runs it, see {@link CallableParser}
 * @param method the entry point of the callable, or null for the default
 * @param resolver what resolves the callable, or null for any
 * @param initialization the handler's configuration, a JSON object, {@code {}} if there is none
 * @param dependencies names of the steps whose results it waits for
 * @param timeout how long one run may take, or null for the worker's default
 * @param resultSchema what its result must satisfy, or null
 * @param batch how its work is split into batches, or null
 * @param json the whole definition, as in the template
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
