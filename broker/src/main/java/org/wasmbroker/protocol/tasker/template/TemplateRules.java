package org.wasmbroker.protocol.tasker.template;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.document.Names;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.json.JsonMapper;

/**
 * The rules between the parts of a template: names are unique and refer to something, there are no
 * dependency cycles, steps that Tasker creates late are created at all, and nothing starts before
 * the steps it depends on.
 */
final class TemplateRules {
  private static final JsonPointer STEPS = JsonPointer.ROOT.member("steps");
  private static final JsonMapper JSON = new JsonMapper();

  private final TaskTemplate template;
  private final StepGraph graph;
  private final ProblemCollector problems;

  private TemplateRules(TaskTemplate template, ProblemCollector problems) {
    this.template = template;
    this.graph = new StepGraph(template);
    this.problems = problems;
  }

  static void check(TaskTemplate template, ProblemCollector problems) {
    if (template.steps().isEmpty()) {
      problems.add(STEPS, "must have at least one step");
      return;
    }
    new TemplateRules(template, problems).check();
  }

  private void check() {
    boolean linked = true;
    var names = new LinkedHashSet<String>();
    for (int i = 0; i < template.steps().size(); i++) {
      var step = template.steps().get(i);
      if (!names.add(step.name())) {
        problems.add(
            STEPS.element(i).member("name"), "is '" + shown(step.name()) + "', another step's");
        linked = false;
      }
    }
    for (int i = 0; i < template.steps().size(); i++) {
      callable(template.steps().get(i), STEPS.element(i).member("handler"));
      linked &= dependencies(template.steps().get(i), names, STEPS.element(i));
    }
    var cycle = graph.cycle();
    if (!cycle.isEmpty()) {
      problems.add(STEPS, "must not have a dependency cycle: " + String.join(" > ", cycle));
    } else if (linked) {
      var early = graph.initialSteps();
      for (int i = 0; i < template.steps().size(); i++) {
        type(template.steps().get(i), STEPS.element(i));
        order(template.steps().get(i), early, STEPS.element(i));
      }
    }
  }

  private void callable(StepDefinition step, JsonPointer handler) {
    try {
      CallableParser.parse(step);
    } catch (IllegalArgumentException e) {
      problems.add(handler, "is not supported by this worker: " + e.getMessage());
    }
  }

  private boolean dependencies(StepDefinition step, Set<String> names, JsonPointer pointer) {
    boolean found = true;
    var seen = new HashSet<String>();
    for (int i = 0; i < step.dependencies().size(); i++) {
      var dependency = step.dependencies().get(i);
      var at = pointer.member("dependencies").element(i);
      if (!names.contains(dependency)) {
        problems.add(
            at,
            "is '%s', which is not a step%s"
                .formatted(shown(dependency), Names.nearest(dependency, names)));
        found = false;
      } else if (!seen.add(dependency)) {
        problems.add(at, "repeats '" + shown(dependency) + "'");
      }
    }
    return found;
  }

  private void type(StepDefinition step, JsonPointer pointer) {
    switch (step.type()) {
      case STANDARD -> {}
      case DECISION -> {
        if (step.dependencies().isEmpty()) {
          problems.add(
              pointer.member("dependencies"),
              "of a decision must name a step (required by Tasker)");
        }
      }
      case DEFERRED_CONVERGENCE -> convergence(step, pointer);
      case BATCHABLE -> batchable(step, pointer);
      case BATCH_WORKER -> batchWorker(step, pointer);
    }
    if (step.batch() != null && !isWorker(step.batch().workerTemplate())) {
      problems.add(
          pointer.member("batch_config").member("worker_template"),
          "is '%s', which is not a step of type batch_worker"
              .formatted(shown(step.batch().workerTemplate())));
    }
  }

  private void convergence(StepDefinition step, JsonPointer pointer) {
    boolean created =
        template.steps().stream().anyMatch(other -> other.type() == StepType.DECISION)
            || step.dependencies().stream().anyMatch(this::isWorker);
    if (!created) {
      problems.add(
          pointer,
          "is never created: a deferred_convergence step has to depend on a batch worker, or on"
              + " what a decision creates");
    }
  }

  private void batchable(StepDefinition step, JsonPointer pointer) {
    if (template.steps().stream().noneMatch(other -> other.type() == StepType.BATCH_WORKER)) {
      problems.add(pointer, "is batchable, but the template has no step of type batch_worker");
      return;
    }
    var initialization = JSON.readTree(step.initialization().bytes());
    if (initialization.path(BatchRule.DEFAULT_WORKER).isMissingNode()) {
      return;
    }
    var problem = BatchRule.defaultWorkerProblem(template, step);
    if (problem != null) {
      problems.add(
          pointer.member("handler").member("initialization").member(BatchRule.DEFAULT_WORKER),
          "is unusable: " + problem);
    }
  }

  private void batchWorker(StepDefinition step, JsonPointer pointer) {
    if (template.steps().stream().noneMatch(other -> other.type() == StepType.BATCHABLE)) {
      problems.add(pointer, "is never created, since the template has no batchable step");
    }
    if (step.batch() == null) {
      problems.add(
          pointer.member("batch_config"),
          "is missing; Tasker takes it from the batch worker, not from the batchable step");
    }
  }

  /** Tasker ignores a dependency on a step that does not exist yet, and starts the step at once. */
  private void order(StepDefinition step, Set<String> early, JsonPointer pointer) {
    for (int i = 0; early.contains(step.name()) && i < step.dependencies().size(); i++) {
      var dependency = step.dependencies().get(i);
      if (!early.contains(dependency)) {
        problems.add(
            pointer.member("dependencies").element(i),
            "is '%s', which is created later than this step: Tasker would not wait for it%s"
                .formatted(
                    dependency,
                    isWorker(dependency) && step.type() != StepType.DEFERRED_CONVERGENCE
                        ? "; make this step deferred_convergence"
                        : ""));
      }
    }
  }

  private boolean isWorker(String name) {
    var step = template.step(name);
    return step != null && step.type() == StepType.BATCH_WORKER;
  }

  private static String shown(String name) {
    return SafeText.sanitize(name, 100);
  }
}
