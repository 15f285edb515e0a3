package org.wasmbroker.plan;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.document.Names;
import org.wasmbroker.plan.catalog.HandlerEntry;
import org.wasmbroker.plan.catalog.Schemas;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.StepError;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** Whether a handler can use a configuration: by its schema, and then by asking it. */
final class ConfigurationCheck {
  private static final String RULE = "configuration";
  private static final JsonMapper JSON = JsonMapper.shared();

  /** What a handler says of an empty step, for which no configuration can be blamed. */
  private static final Set<String> ENDED =
      Set.of("trapped", "limit_exceeded", "guest_failed", "bad_result_document", "module_refused");

  private final PlanStep step;
  private final HandlerEntry entry;
  private final JsonNode schema;
  private final Findings findings;

  ConfigurationCheck(PlanStep step, HandlerEntry entry, JsonNode schema, Findings findings) {
    this.step = step;
    this.entry = entry;
    this.schema = schema;
    this.findings = findings;
  }

  void check(Trial trial, List<Reference> references) {
    bySchema();
    unknownMembers();
    if (entry.isTrusted()) {
      byTrial(trial, references);
    }
  }

  private void bySchema() {
    var source = entry.manifest().configSchema();
    if (source == null) {
      return;
    }
    for (var violation : JsonSchema.of(source).violations(Document.of(step.config().toString()))) {
      findings.error(
          RULE,
          at(violation.pointer()),
          violation.keyword().isEmpty()
              ? violation.message()
              : violation.message() + " (" + violation.keyword() + ")",
          "capabilities %s has the schema".formatted(entry.manifest().name()));
    }
  }

  /** Handlers ignore what they do not know, so that a misspelt member would silently do nothing. */
  private void unknownMembers() {
    var properties = schema.path("properties");
    if (!properties.isObject() || properties.isEmpty() || schema.has("additionalProperties")) {
      return;
    }
    for (var name : step.config().propertyNames()) {
      var nearest = Names.nearest(name, properties.propertyNames());
      if (!properties.has(name) && !nearest.isEmpty()) {
        findings.warning(
            RULE,
            step.configPointer().member(name),
            "is unknown to %s and ignored%s".formatted(entry.manifest().name(), nearest),
            "");
      }
    }
  }

  private void byTrial(Trial trial, List<Reference> references) {
    var handler = step.handler();
    if (handler == null) {
      return;
    }
    var error =
        switch (trial.run(handler, TrialDocument.of(step, references))) {
          case Outcome.Completed _ -> null;
          case Outcome.Failed failed -> failed.error();
          case Outcome.Retry retry -> retry.error();
        };
    if (error == null) {
      return;
    }
    if (ofConfiguration().contains(error.type())) {
      report(error);
    } else if (ENDED.contains(error.type())) {
      findings.warning(
          RULE,
          step.configPointer(),
          "could not be tried: on a step without data, %s ended with %s: %s"
              .formatted(entry.manifest().name(), error.type(), error.message()),
          "run it with invoke and some data");
    }
  }

  /** The types of errors for which the configuration alone is to blame. */
  private Set<String> ofConfiguration() {
    var types = new HashSet<>(Set.of("invalid_config"));
    var errors = entry.manifest().errors();
    if (errors != null) {
      for (var error : JSON.readTree(errors.bytes())) {
        if (error.path("configuration").asBoolean(false)) {
          types.add(error.path("type").asString(""));
        }
      }
    }
    return types;
  }

  private void report(StepError error) {
    var context = context(error);
    var within = context.path("pointer").asString("");
    var pointer =
        within.startsWith("/config")
            ? at(within.substring("/config".length()))
            : step.configPointer();
    if (findings.hasErrorAt(pointer)) {
      return; // the schema said it
    }
    var place = place(context);
    var message = error.message();
    var prefix = within + ": ";
    findings.error(
        error.type(),
        pointer,
        (message.startsWith(prefix) ? message.substring(prefix.length()) : message)
            + (place == null || message.contains("line ") ? "" : " (" + place + ")"),
        "");
  }

  private static JsonNode context(StepError error) {
    return error.context() == null
        ? JsonNodeFactory.instance.missingNode()
        : JSON.readTree(error.context().document().bytes());
  }

  private static @Nullable String place(JsonNode context) {
    return context.path("line").isIntegralNumber()
        ? "line %d, column %d"
            .formatted(context.path("line").intValue(), context.path("column").asInt(1))
        : null;
  }

  /** The place in the document of a place in the configuration. */
  private JsonPointer at(String pointer) {
    var at = step.configPointer();
    JsonNode value = step.config();
    if (pointer.isEmpty()) {
      return at;
    }
    for (var token : pointer.substring(1).split("/", -1)) {
      var name = token.replace("~1", "/").replace("~0", "~");
      at =
          value.isArray() && name.matches("[0-9]{1,9}")
              ? at.element(Integer.parseInt(name))
              : at.member(name);
      value =
          value.isArray()
              ? value.path(name.matches("[0-9]{1,9}") ? Integer.parseInt(name) : -1)
              : value.path(name);
    }
    return at;
  }

  /** The schema of a handler's configuration. */
  static JsonNode schema(HandlerEntry entry) {
    return Schemas.tree(entry.manifest().configSchema());
  }
}
