package org.wasmbroker.protocol.tasker.claim;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.tasker.template.TaskTemplate;

/** A task template whose steps are prepared for any number of runs. */
final class PreparedTemplate {
  private final TaskTemplate template;
  private final Map<String, PreparedStep> steps = new HashMap<>();

  PreparedTemplate(TaskTemplate template) {
    this.template = template;
    for (var definition : template.steps()) {
      // Of two with the same name, the first one wins.
      steps.computeIfAbsent(definition.name(), _ -> PreparedStep.of(template, definition));
    }
  }

  /** The definition of that name; null when the template has none. */
  @Nullable PreparedStep step(String templateStepName) {
    return steps.get(templateStepName);
  }

  /** Whether any step publishes an event. */
  boolean publishesEvents() {
    return template.publishesEvents();
  }

  String nameAndVersion() {
    return template.name() + " " + template.version();
  }
}
