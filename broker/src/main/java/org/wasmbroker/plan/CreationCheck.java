package org.wasmbroker.plan;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.wasmbroker.plan.ConfigurationParts.Part;
import org.wasmbroker.plan.catalog.Meaning;

/** Whether a step that another one's result decides on is ever named by it. */
final class CreationCheck {
  private final Workflow workflow;
  private final Map<String, List<Part>> parts;
  private final Findings findings;

  /**
   * @param parts of the configurations of steps, by their names
   */
  CreationCheck(Workflow workflow, Map<String, List<Part>> parts, Findings findings) {
    this.workflow = workflow;
    this.parts = parts;
    this.findings = findings;
  }

  void check() {
    for (var step : workflow.steps()) {
      var creator = step.createdBy();
      if (creator == null || !parts.containsKey(creator.name())) {
        continue;
      }
      var named = named(parts.getOrDefault(creator.name(), List.of()));
      if (!named.isEmpty() && !named.contains(step.name())) {
        findings.warning(
            "unreachable",
            creator.pointer(),
            "is '%s', whose configuration never names this step".formatted(creator.name()),
            "it names: " + String.join(", ", named));
      }
    }
  }

  private static Set<String> named(List<Part> parts) {
    var named = new HashSet<String>();
    for (var part : parts) {
      if (part.meaning() == Meaning.CREATED_STEP || part.meaning() == Meaning.WORKER_STEP) {
        if (part.value().isString()) {
          named.add(part.value().stringValue());
        }
        part.value().valueStream().forEach(each -> named.add(each.asString("")));
      }
    }
    return named;
  }
}
