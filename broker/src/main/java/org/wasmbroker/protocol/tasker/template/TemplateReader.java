package org.wasmbroker.protocol.tasker.template;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.document.ParsedDocument;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.JsonNesting;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads task templates. */
public final class TemplateReader {
  private static final Logger log = LoggerFactory.getLogger(TemplateReader.class);
  static final int MAX_FILE_BYTES = 4 << 20;

  private static final DocumentReader YAML_FILE =
      new DocumentReader(Syntax.YAML, MAX_FILE_BYTES, JsonNesting.MAX_DEPTH);
  private static final DocumentReader JSON_FILE =
      new DocumentReader(Syntax.JSON, MAX_FILE_BYTES, JsonNesting.MAX_DEPTH);
  private static final DocumentReader STORED =
      new DocumentReader(Syntax.JSON, Integer.MAX_VALUE, JsonNesting.MAX_DEPTH).withoutPositions();

  private TemplateReader() {}

  /**
   * Reads a template as any worker stored it in {@code named_tasks.configuration}: absent members
   * have their defaults, unknown ones are ignored. An unusable schema is logged and not checked.
   *
   * @throws TemplateException if the document is not a template
   */
  public static TaskTemplate readStored(Document json) {
    var document = STORED.read("", json.bytes());
    refuseProblems(document);
    var complete = complete(document, false);
    var template = template(complete, json);
    logUnusableSchemas(template);
    return template;
  }

  /**
   * Reads a template that an operator wrote, as YAML, or as JSON if the file's name says so.
   *
   * @throws TemplateException with all problems, each with its location
   */
  public static TaskTemplate readFile(String name, byte[] content) {
    var reader = name.endsWith(".json") ? JSON_FILE : YAML_FILE;
    var document = reader.read(name, content);
    if (!document.hasProblems() && document.root().isMissingNode()) {
      document.problem("is empty");
    }
    refuseProblems(document);
    var complete = complete(document, true);
    var template = template(complete, Document.of(complete.toString()));
    TemplateRules.check(template, new ProblemCollector(document, true));
    refuseProblems(document);
    return template;
  }

  private static ObjectNode complete(ParsedDocument document, boolean strict) {
    var problems = new ProblemCollector(document, strict);
    var complete = TemplateSchema.TEMPLATE.complete(document.root(), JsonPointer.ROOT, problems);
    refuseProblems(document);
    return complete;
  }

  private static void refuseProblems(ParsedDocument document) {
    if (document.hasProblems()) {
      throw new TemplateException(document.problems());
    }
  }

  private static void logUnusableSchemas(TaskTemplate template) {
    for (var step : template.steps()) {
      if (step.resultSchema() != null && step.resultSchema().compileError() != null) {
        log.atWarn()
            .addKeyValue("template", template)
            .addKeyValue("step", step.name())
            .addKeyValue("fault", step.resultSchema().compileError())
            .log("the result_schema of a step is unusable; its results are not checked");
      }
      for (var event : step.publishesEvents()) {
        if (event.schema().compileError() != null) {
          log.atWarn()
              .addKeyValue("template", template)
              .addKeyValue("step", step.name())
              .addKeyValue("event", event.name())
              .addKeyValue("fault", event.schema().compileError())
              .log("the schema of an event is unusable; the event is published unchecked");
        }
      }
    }
  }

  /**
   * The template of a complete tree.
   *
   * @param json the template as stored, or to be stored
   */
  static TaskTemplate template(JsonNode tree, Document json) {
    return new TaskTemplate(
        tree.get("namespace_name").stringValue(),
        tree.get("name").stringValue(),
        tree.get("version").stringValue(),
        tree.get("steps").valueStream().map(TemplateReader::step).toList(),
        json);
  }

  private static StepDefinition step(JsonNode step) {
    var handler = step.get("handler");
    var timeout = step.get("timeout_seconds");
    var schema = step.get("result_schema");
    return new StepDefinition(
        text(step, "name"),
        StepType.valueOf(text(step, "type").toUpperCase(java.util.Locale.ROOT)),
        text(handler, "callable"),
        optional(handler, "method"),
        optional(handler, "resolver"),
        Document.of(handler.get("initialization").toString()),
        step.get("dependencies").valueStream().map(JsonNode::stringValue).toList(),
        timeout.isNull() ? null : Duration.ofSeconds(timeout.longValue()),
        schema == null ? null : JsonSchema.of(schema),
        step.get("publishes_events").valueStream().map(TemplateReader::event).toList(),
        batch(step.get("batch_config")),
        Document.of(step.toString()));
  }

  private static EventDeclaration event(JsonNode event) {
    return new EventDeclaration(
        text(event, "name"),
        EventDeclaration.Condition.valueOf(upper(event, "condition")),
        JsonSchema.of(event.get("schema")),
        EventDeclaration.DeliveryMode.valueOf(upper(event, "delivery_mode")),
        optional(event, "publisher"));
  }

  private static @Nullable BatchConfig batch(JsonNode batch) {
    return batch.isNull() ? null : new BatchConfig(text(batch, "worker_template"));
  }

  private static String text(JsonNode object, String name) {
    return object.get(name).stringValue();
  }

  private static String upper(JsonNode object, String name) {
    return text(object, name).toUpperCase(java.util.Locale.ROOT);
  }

  private static @Nullable String optional(JsonNode object, String name) {
    var value = object.get(name);
    return value.isNull() ? null : value.stringValue();
  }
}
