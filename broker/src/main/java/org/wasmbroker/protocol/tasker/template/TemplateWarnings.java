package org.wasmbroker.protocol.tasker.template;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.wasmbroker.document.Names;
import org.wasmbroker.step.HandlerRef;

/** What is valid in a template but will not behave on this worker as its author may expect. */
public final class TemplateWarnings {
  private TemplateWarnings() {}

  /**
   * @param serves whether a module for this handler and version exists
   * @param handlers the names of all handlers, for suggestions
   * @return a sentence for each, which names the step
   */
  public static List<String> of(
      TaskTemplate template, Predicate<HandlerRef> serves, Collection<String> handlers) {
    var warnings = new ArrayList<String>();
    for (var step : template.steps()) {
      callable(step, serves, handlers, warnings);
      for (var event : step.publishesEvents()) {
        event(step, event, warnings);
      }
    }
    return List.copyOf(warnings);
  }

  private static void callable(
      StepDefinition step,
      Predicate<HandlerRef> serves,
      Collection<String> handlers,
      List<String> warnings) {
    try {
      var handler = CallableParser.parse(step);
      if (!serves.test(handler)) {
        warnings.add(
            "step '%s' has the callable '%s', and %s"
                .formatted(step.name(), step.callable(), reasonNotServed(handler, handlers)));
      }
    } catch (IllegalArgumentException e) {
      warnings.add("step '%s' is for another worker: %s".formatted(step.name(), e.getMessage()));
    }
  }

  private static String reasonNotServed(HandlerRef handler, Collection<String> handlers) {
    if (handlers.contains(handler.name())) {
      return "no module of that handler has that version";
    }
    return "no module serves it"
        + Names.suggest(handler.name(), handlers.stream().sorted().toList());
  }

  private static void event(StepDefinition step, EventDeclaration event, List<String> warnings) {
    if (!event.deliveryMode().isQueued()) {
      warnings.add(
          "step '%s' publishes '%s' with delivery_mode fast: to listeners within the worker, of"
                  .formatted(step.name(), event.name())
              + " which this one has none; use durable");
    }
    if (event.publisher() != null) {
      warnings.add(
          "step '%s' publishes '%s' by the publisher '%s', which this worker does not have: the"
                  .formatted(step.name(), event.name(), event.publisher())
              + " event carries the step's result unchanged");
    }
  }
}
