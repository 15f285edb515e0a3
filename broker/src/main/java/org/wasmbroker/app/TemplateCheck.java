package org.wasmbroker.app;

import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.document.Problem;
import org.wasmbroker.protocol.tasker.registration.TemplateStore.StoredTemplate;
import org.wasmbroker.protocol.tasker.template.CallableParser;
import org.wasmbroker.protocol.tasker.template.StepDefinition;
import org.wasmbroker.protocol.tasker.template.TemplateException;
import org.wasmbroker.protocol.tasker.template.TemplateReader;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.RoutingFacts;

/** Checks whether this worker can run every step of a template. */
public final class TemplateCheck {
  private final HandlerResolver registry;

  public TemplateCheck(HandlerResolver registry) {
    this.registry = registry;
  }

  /**
   * The result for one template.
   *
   * @param callables of its steps, in order
   * @param problems one for each step that would fail; empty if all can run
   */
  public record Result(List<String> callables, List<String> problems) {}

  /** Reads the template and resolves the module of each of its steps. */
  public Result check(StoredTemplate stored) {
    try {
      var template = TemplateReader.readStored(stored.json());
      var problems = new ArrayList<String>();
      template.steps().forEach(step -> checkStep(step, problems));
      return new Result(template.steps().stream().map(StepDefinition::callable).toList(), problems);
    } catch (TemplateException unreadable) {
      return new Result(List.of(), unreadable.problems().stream().map(Problem::toString).toList());
    }
  }

  private void checkStep(StepDefinition step, List<String> problems) {
    try {
      switch (resolve(CallableParser.parse(step))) {
        case Resolution.Resolved _ -> {}
        case Resolution.Unknown(var message, _) -> problems.add(problem(step, message));
        case Resolution.Refused(_, var message) -> problems.add(problem(step, message));
      }
    } catch (IllegalArgumentException | EngineUnavailableException invalid) {
      problems.add(problem(step, String.valueOf(invalid.getMessage())));
    }
  }

  private Resolution resolve(HandlerRef handler) {
    return registry.resolve(registry.route(handler, RoutingFacts.NONE));
  }

  private static String problem(StepDefinition step, String message) {
    return "step '%s': %s".formatted(step.name(), message);
  }
}
