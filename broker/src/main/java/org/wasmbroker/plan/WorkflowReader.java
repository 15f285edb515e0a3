package org.wasmbroker.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.document.ParsedDocument;
import org.wasmbroker.plan.PlanStep.Named;
import org.wasmbroker.plan.Workflow.Kind;
import org.wasmbroker.protocol.tasker.template.TemplateException;
import org.wasmbroker.protocol.tasker.template.TemplateReader;
import org.wasmbroker.protocol.tasker.template.TemplateWarnings;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.JsonNesting;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Reads plans and task templates, as YAML, or as JSON if the file's name says so. What cannot be
 * read is reported, and left out of what is read.
 */
final class WorkflowReader {
  static final int MAX_STEPS = 1000;

  private static final int MAX_BYTES = 4 << 20;
  private static final int MAX_NAME = 128;
  private static final String SCHEME = "wasm:";

  private final Findings findings;
  private final ParsedDocument document;

  private WorkflowReader(ParsedDocument document, Findings findings) {
    this.document = document;
    this.findings = findings;
  }

  static ParsedDocument parse(String name, byte[] bytes) {
    var syntax = name.endsWith(".json") ? Syntax.JSON : Syntax.YAML;
    var document = new DocumentReader(syntax, MAX_BYTES, JsonNesting.MAX_DEPTH).read(name, bytes);
    if (!document.hasProblems() && !document.root().isObject()) {
      document.problem(
          document.root().isMissingNode() ? "is empty" : "must be an object with steps");
    }
    return document;
  }

  static Workflow read(String name, byte[] bytes, ParsedDocument document, Findings findings) {
    var reader = new WorkflowReader(document, findings);
    return document.root().has("namespace_name") && !document.root().has("plan")
        ? reader.template(name, bytes)
        : reader.plan();
  }

  private Workflow plan() {
    var root = document.object();
    version(root);
    root.value("name", WorkflowReader::name);
    root.string("description");
    var context =
        root.json("context", json -> json.isObject() || json.isBoolean(), "a JSON Schema");
    if (context != null && JsonSchema.of(context).compileError() != null) {
      root.problem("context", "cannot be used: " + JsonSchema.of(context).compileError());
    }
    if (!root.has("steps")) {
      root.problem("steps", "is missing");
    }
    var steps = root.array("steps", MAX_STEPS, this::step);
    if (root.has("steps") && document.root().path("steps").isEmpty()) {
      root.problem("steps", "must have at least one step");
    }
    root.finish();
    document.problems().forEach(problem -> findings.problem("format", problem));
    return new Workflow(document, Kind.PLAN, steps, false);
  }

  private static void version(ObjectReader root) {
    if (!root.has("plan")) {
      root.problem(
          "plan", "is missing; must be 1, or the file a task template with a namespace_name");
    }
    root.json("plan", json -> json.isIntegralNumber() && json.intValue() == 1, "1");
  }

  private Optional<PlanStep> step(DocumentValue value) {
    var step = value.object();
    for (var needed : List.of("name", "handler")) {
      if (value.json().isObject() && !step.has(needed)) {
        step.problem(needed, "is missing");
      }
    }
    var name = step.value("name", WorkflowReader::name);
    step.string("description");
    var handler = step.value("handler", HandlerRef::parse);
    var config = step.json("config", JsonNode::isObject, "an object");
    var dependencies = names(step);
    var createdBy = step.member("created_by");
    var creator = createdBy == null ? null : createdBy.parse(WorkflowReader::name);
    step.finish();
    return name == null
        ? Optional.empty()
        : Optional.of(
            new PlanStep(
                name,
                value.pointer(),
                handler,
                value.pointer().member("handler"),
                orEmpty(config),
                value.pointer().member("config"),
                dependencies,
                createdBy == null || creator == null
                    ? null
                    : new Named(creator, createdBy.pointer()),
                false));
  }

  private static List<Named> names(ObjectReader step) {
    return step.array(
        "dependencies",
        MAX_STEPS,
        each ->
            Optional.ofNullable(each.parse(WorkflowReader::name))
                .map(name -> new Named(name, each.pointer())));
  }

  private static String name(String text) {
    if (text.isBlank() || !text.equals(SafeText.sanitize(text, MAX_NAME))) {
      throw new IllegalArgumentException(
          "must have 1 to %d printable characters".formatted(MAX_NAME));
    }
    return text;
  }

  private static JsonNode orEmpty(@Nullable JsonNode config) {
    return config == null || !config.isObject() ? JsonNodeFactory.instance.objectNode() : config;
  }

  /** Its own reader judges it; what it says about handlers is read once more, with the places. */
  private Workflow template(String name, byte[] bytes) {
    try {
      var template = TemplateReader.readFile(name, bytes);
      TemplateWarnings.of(template, _ -> true, List.of())
          .forEach(
              warning -> findings.warning("template", document.value().pointer(), warning, ""));
    } catch (TemplateException invalid) {
      invalid.problems().forEach(problem -> findings.problem("template", problem));
    }
    var steps = new ArrayList<PlanStep>();
    var all = document.object().member("steps");
    if (all != null) {
      all.elements().forEach(each -> templateStep(each).ifPresent(steps::add));
    }
    return new Workflow(document, Kind.TASK_TEMPLATE, steps, true);
  }

  private static Optional<PlanStep> templateStep(DocumentValue value) {
    var json = value.json();
    if (!json.path("name").isString()) {
      return Optional.empty();
    }
    var handler = value.pointer().member("handler");
    var type = json.path(json.has("type") ? "type" : "step_type").asString("");
    var list = json.has("dependencies") ? "dependencies" : "depends_on";
    var dependencies = new ArrayList<Named>();
    for (int i = 0; i < json.path(list).size(); i++) {
      if (json.path(list).get(i).isString()) {
        dependencies.add(
            new Named(
                json.path(list).get(i).stringValue(), value.pointer().member(list).element(i)));
      }
    }
    return Optional.of(
        new PlanStep(
            json.get("name").stringValue(),
            value.pointer(),
            callable(json.at("/handler/callable").asString("")),
            handler.member("callable"),
            orEmpty(json.at("/handler/initialization")),
            handler.member("initialization"),
            dependencies,
            null,
            type.equals("batch_worker")));
  }

  /** One that is none of this worker was reported by the template's reader. */
  private static @Nullable HandlerRef callable(String text) {
    try {
      return HandlerRef.parse(text.startsWith(SCHEME) ? text.substring(SCHEME.length()) : text);
    } catch (IllegalArgumentException foreign) {
      return null;
    }
  }
}
