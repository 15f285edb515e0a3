package org.wasmbroker.protocol.tasker.template;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/**
 * A workflow: its steps and their dependencies. Identified by namespace, name and version.
 *
 * @param json the whole template, as stored or to be stored in the database
 */
public record TaskTemplate(
    String namespace, String name, String version, List<StepDefinition> steps, Document json) {
  public TaskTemplate {
    steps = List.copyOf(steps);
  }

  /** The definition of that name, or null. */
  public @Nullable StepDefinition step(String templateStepName) {
    for (var step : steps) {
      if (step.name().equals(templateStepName)) {
        return step;
      }
    }
    return null;
  }

  /** Whether any step publishes an event. */
  public boolean publishesEvents() {
    return steps.stream().anyMatch(step -> !step.publishesEvents().isEmpty());
  }

  @Override
  public String toString() {
    return namespace + "/" + name + "/" + version;
  }
}
