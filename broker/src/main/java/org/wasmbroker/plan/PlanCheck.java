package org.wasmbroker.plan;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Names;
import org.wasmbroker.plan.ConfigurationParts.Part;
import org.wasmbroker.plan.Workflow.Kind;
import org.wasmbroker.plan.catalog.HandlerEntry;
import org.wasmbroker.plan.catalog.Meaning;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Selector;

/** Checks a workflow before it runs. */
public final class PlanCheck {
  private final Handlers handlers;
  private final Trial trial;

  public PlanCheck(Handlers handlers, Trial trial) {
    this.handlers = handlers;
    this.trial = trial;
  }

  /**
   * Checks a plan or a task template.
   *
   * @param name of its file, whose ending says whether it is JSON
   */
  public PlanReport check(String name, byte[] bytes) {
    var document = WorkflowReader.parse(name, bytes);
    var findings = new Findings(document);
    if (document.hasProblems()) {
      document.problems().forEach(problem -> findings.problem("format", problem));
      return new PlanReport(name, "unreadable", 0, findings.list());
    }
    var workflow = WorkflowReader.read(name, bytes, document, findings);
    var names = new StepNames(workflow.steps());
    new LinkCheck(workflow, names, findings).check();
    var parts = new HashMap<String, List<Part>>();
    for (var step : workflow.steps()) {
      var entry = handler(step, findings);
      if (entry != null) {
        step(step, entry, workflow.kind(), names, findings, parts);
      }
    }
    new CreationCheck(workflow, parts, findings).check();
    return new PlanReport(
        name,
        switch (workflow.kind()) {
          case PLAN -> "plan";
          case TASK_TEMPLATE -> "task_template";
        },
        workflow.steps().size(),
        findings.list());
  }

  private void step(
      PlanStep step,
      HandlerEntry entry,
      Kind kind,
      StepNames names,
      Findings findings,
      Map<String, List<Part>> allParts) {
    var schema = ConfigurationCheck.schema(entry);
    var parts = ConfigurationParts.of(schema, step.config(), step.configPointer());
    allParts.put(step.name(), parts);
    var references = new ReferenceCheck(step, kind, names, findings).check(parts);
    new ConfigurationCheck(step, entry, schema, findings).check(trial, references);
    new ReachCheck(entry, findings).check(parts);
    new WorkCheck(entry, findings).check(parts);
    messages(step, entry, parts, findings);
  }

  /**
   * The steps that a step's result asks for: whether their handler is there and can use their
   * configuration. What they see is not known before they are sent, so references are not looked
   * at.
   */
  private void messages(PlanStep step, HandlerEntry creator, List<Part> parts, Findings findings) {
    for (var part : parts) {
      var message =
          part.meaning() == Meaning.STEP_MESSAGE ? StepMessage.of(step, part, findings) : null;
      var entry = message == null ? null : handler(message, findings);
      if (message == null || entry == null) {
        continue;
      }
      if (!creator.grants().grantsNewSteps(entry.name())) {
        findings.error(
            "new_steps",
            message.handlerPointer(),
            "is '%s', of which the policy grants %s no new steps (new-steps)"
                .formatted(entry.name(), creator.name()),
            "ask the operator for it, or let the next steps of the plan do the work");
      }
      var schema = ConfigurationCheck.schema(entry);
      var inner = ConfigurationParts.of(schema, message.config(), message.configPointer());
      new ConfigurationCheck(message, entry, schema, findings).check(trial, references(inner));
      new ReachCheck(entry, findings).check(inner);
      new WorkCheck(entry, findings).check(inner);
      messages(message, entry, inner, findings);
    }
  }

  private static List<Reference> references(List<Part> parts) {
    return parts.stream()
        .filter(part -> part.meaning() == Meaning.REFERENCES || part.meaning() == Meaning.URL)
        .flatMap(part -> Reference.inAll(part.value()).stream())
        .toList();
  }

  private @Nullable HandlerEntry handler(PlanStep step, Findings findings) {
    var reference = step.handler();
    if (reference == null) {
      return null;
    }
    Optional<HandlerEntry> found;
    try {
      found = handlers.find(reference);
    } catch (ModuleSourceException unusable) {
      findings.error(
          "handler",
          step.handlerPointer(),
          "is '%s', which cannot be read: %s".formatted(reference, unusable.getMessage()),
          "");
      return null;
    }
    if (found.isEmpty()) {
      unknown(step, reference, findings);
      return null;
    }
    var entry = found.orElseThrow();
    if (!entry.isTrusted()) {
      findings.error(
          "handler",
          step.handlerPointer(),
          "is '%s', which does not run: %s".formatted(reference, entry.reason()),
          "");
    }
    if (Selector.of(reference.selector()) instanceof Selector.Channel) {
      findings.warning(
          "handler",
          step.handlerPointer(),
          "names a channel, whose release changes: checked against %s"
              .formatted(entry.manifest().version()),
          "");
    }
    return entry;
  }

  private void unknown(PlanStep step, HandlerRef reference, Findings findings) {
    var versions = handlers.versions(reference.name());
    findings.error(
        "handler",
        step.handlerPointer(),
        versions.isEmpty()
            ? "is '%s', which is not installed%s"
                .formatted(reference, Names.suggest(reference.name(), handlers.names()))
            : "is '%s', of which no such version is installed; there is %s"
                .formatted(reference, Names.list(versions)),
        "capabilities lists the handlers");
  }
}
