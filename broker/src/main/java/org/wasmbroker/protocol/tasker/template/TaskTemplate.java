package org.wasmbroker.protocol.tasker.template;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/**
 * One workflow: its steps and what they depend on. Known by namespace, name and version together.
 *
 * @param json the whole template, as the database has it or is to have it
 */
public record TaskTemplate(
    String namespace, String name, String version, List<StepDefinition> steps, Document json) {
  public TaskTemplate {
    steps = List.copyOf(steps);
  }

  /** The definition of that name; null when the template has none. */
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
