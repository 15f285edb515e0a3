package org.wasmbroker.plan.catalog;

import static java.util.stream.Collectors.toUnmodifiableSet;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.wasmbroker.schema.JsonSchema;
import tools.jackson.databind.JsonNode;

/**
 * What the APIs refuse, as they publish it: the supported schemas of OpenAI's structured outputs,
 * the JSON Schema limitations of Anthropic's strict tools, and the tools of the Model Context
 * Protocol of 2025-06-18. Where limits have grown over time, the first and smallest is checked.
 */
final class ToolRules {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1,64}");
  private static final int MAX_DESCRIPTION = 1024;
  private static final Set<String> TYPES =
      Set.of("object", "array", "string", "number", "integer", "boolean", "null");
  private static final Set<String> FORMATS =
      Set.of("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid");

  /** The keywords that both OpenAI and Anthropic support. */
  private static final Set<String> KEYWORDS =
      Set.of(
          "type",
          "description",
          "properties",
          "required",
          "additionalProperties",
          "items",
          "enum",
          "const",
          "anyOf",
          "pattern",
          "format",
          "minItems");

  private static final Set<String> NUMBERS_AND_SIZES =
      Set.of(
          "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "maxItems");

  private final String api;
  private final Set<String> keywords;
  private final List<String> broken = new ArrayList<>();
  private int properties;
  private int levels;
  private int optionals;
  private int unions;
  private int enumValues;
  private int characters;

  /**
   * Rules of an API.
   *
   * @param more keywords that it supports besides those of both
   */
  private ToolRules(String api, Set<String> more) {
    this.api = api;
    this.keywords = Stream.concat(KEYWORDS.stream(), more.stream()).collect(toUnmodifiableSet());
  }

  /** Each rule that the value of {@code tools} breaks, a sentence for each. */
  static List<String> openai(JsonNode tools) {
    var broken = new ArrayList<String>();
    unique(tools.valueStream().map(tool -> tool.at("/function/name")).toList(), broken);
    for (var tool : tools) {
      members(tool, Set.of("type", "function"), "a tool", broken);
      var function = tool.path("function");
      members(
          function, Set.of("name", "description", "parameters", "strict"), "a function", broken);
      head(function, broken);
      if (!tool.path("type").asString("").equals("function")) {
        broken.add("the type of a tool is function");
      }
      if (!function.path("strict").asBoolean(false)) {
        broken.add(function.path("name") + " is not strict");
      }
      var rules = new ToolRules("openai", NUMBERS_AND_SIZES);
      rules.root(function.path("parameters"));
      rules.atMost("properties", rules.properties, 100);
      rules.atMost("levels of objects", rules.levels, 5);
      rules.atMost("values of enums", rules.enumValues, 500);
      rules.atMost("characters of names and values", rules.characters, 15_000);
      rules.atMost("optional properties", rules.optionals, 0);
      broken.addAll(rules.broken);
    }
    return broken;
  }

  /** Each rule that the value of {@code tools} breaks, a sentence for each. */
  static List<String> anthropic(JsonNode tools) {
    var broken = new ArrayList<String>();
    unique(tools.valueStream().map(tool -> tool.path("name")).toList(), broken);
    int strict = 0;
    int optionals = 0;
    int unions = 0;
    for (var tool : tools) {
      members(tool, Set.of("name", "description", "input_schema", "strict"), "a tool", broken);
      head(tool, broken);
      var rules = new ToolRules("anthropic", Set.of());
      rules.root(tool.path("input_schema"));
      if (tool.path("strict").asBoolean(false)) {
        strict++;
        optionals += rules.optionals;
        unions += rules.unions;
      }
      broken.addAll(rules.broken);
    }
    if (strict > 20 || optionals > 24 || unions > 16) {
      broken.add(
          "%d strict tools with %d optional properties and %d unions are too many"
              .formatted(strict, optionals, unions));
    }
    return broken;
  }

  /** Each rule that the result of {@code tools/list} breaks, a sentence for each. */
  static List<String> mcp(JsonNode result) {
    var broken = new ArrayList<String>();
    unique(result.path("tools").valueStream().map(tool -> tool.path("name")).toList(), broken);
    for (var tool : result.path("tools")) {
      members(
          tool,
          Set.of("name", "title", "description", "inputSchema", "outputSchema", "annotations"),
          "a tool",
          broken);
      head(tool, broken);
      members(
          tool.path("annotations"),
          Set.of("title", "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"),
          "annotations",
          broken);
      objectSchema(tool, "inputSchema", broken);
      if (tool.has("outputSchema")) {
        objectSchema(tool, "outputSchema", broken);
      }
    }
    return broken;
  }

  private static void objectSchema(JsonNode tool, String member, List<String> broken) {
    var schema = tool.path(member);
    if (!schema.isObject() || !schema.path("type").asString("").equals("object")) {
      broken.add(tool.path("name") + ": the type of " + member + " is object");
      return;
    }
    var unusable = JsonSchema.of(schema).compileError();
    if (unusable != null) {
      broken.add(tool.path("name") + ": " + member + " is no JSON Schema: " + unusable);
    }
    if (schema.toString().contains(Schemas.MEANS)) {
      broken.add(tool.path("name") + ": " + member + " has annotations of ours");
    }
  }

  private static void head(JsonNode tool, List<String> broken) {
    var name = tool.path("name").asString("");
    if (!NAME.matcher(name).matches()) {
      broken.add("'" + name + "' is no name of a tool");
    }
    var description = tool.path("description").asString("");
    if (description.isBlank() || description.length() > MAX_DESCRIPTION) {
      broken.add("%s has a description of %d characters".formatted(name, description.length()));
    }
  }

  private static void unique(List<JsonNode> names, List<String> broken) {
    if (new HashSet<>(names).size() != names.size()) {
      broken.add("two tools have one name");
    }
  }

  private static void members(
      JsonNode object, Set<String> allowed, String what, List<String> broken) {
    object.propertyNames().stream()
        .filter(name -> !allowed.contains(name))
        .forEach(name -> broken.add(what + " has no member " + name));
  }

  private void atMost(String what, int count, int max) {
    if (count > max) {
      broken.add("%d %s, at most %d".formatted(count, what, max));
    }
  }

  private void root(JsonNode schema) {
    if (!schema.path("type").isString() || !schema.get("type").stringValue().equals("object")) {
      broken.add("the root is of type object");
    }
    if (schema.has("anyOf")) {
      broken.add("the root has no anyOf");
    }
    check(schema, "", 1);
  }

  private void check(JsonNode schema, String at, int level) {
    if (!schema.isObject()) {
      broken.add(at + ": a schema is an object");
      return;
    }
    for (var keyword : schema.propertyNames()) {
      if (!keywords.contains(keyword)) {
        broken.add("%s: %s does not support %s".formatted(at, api, keyword));
      }
    }
    types(schema, at);
    if (is(schema, "object")) {
      object(schema, at, level);
    }
    if (is(schema, "array")) {
      check(schema.path("items"), at + "/items", level);
      if (api.equals("anthropic") && schema.path("minItems").asInt(0) > 1) {
        broken.add(at + ": minItems is 0 or 1");
      }
    }
    for (int i = 0; i < schema.path("anyOf").size(); i++) {
      check(schema.get("anyOf").get(i), at + "/anyOf/" + i, level);
    }
    if (schema.has("pattern")
        && schema.get("pattern").stringValue().matches(".*(\\(\\?|\\\\b).*")) {
      broken.add(at + ": the pattern looks around");
    }
    if (schema.has("format")
        && !FORMATS.contains(schema.get("format").stringValue())
        && !(api.equals("anthropic") && schema.get("format").stringValue().equals("uri"))) {
      broken.add(at + ": the format is unknown");
    }
  }

  private void types(JsonNode schema, String at) {
    if (schema.has("anyOf")) {
      unions++;
      if (schema.get("anyOf").isEmpty()) {
        broken.add(at + ": anyOf is empty");
      }
      return;
    }
    var types = schema.path("type");
    if (types.isArray()) {
      unions++;
    }
    var named = types.isArray() ? types.valueStream().toList() : List.of(types);
    if (named.isEmpty() || named.stream().anyMatch(type -> !TYPES.contains(type.asString("")))) {
      broken.add(at + ": every schema has a type");
    }
    for (var value : schema.path("enum")) {
      enumValues++;
      characters += value.asString("").length();
      if (value.isContainer()) {
        broken.add(at + ": an enum has simple values");
      }
      if (named.stream().noneMatch(type -> type.asString("").equals(Schemas.typeOf(value)))) {
        broken.add(at + ": a value of the enum has another type");
      }
    }
  }

  private void object(JsonNode schema, String at, int level) {
    levels = Math.max(levels, level);
    var closed = schema.path("additionalProperties");
    if (!closed.isBoolean() || closed.booleanValue()) {
      broken.add(at + ": additionalProperties is false");
    }
    var names = new ArrayList<>(schema.path("properties").propertyNames());
    var required = Schemas.required(schema);
    if (!names.containsAll(required)) {
      broken.add(at + ": something is required that is no property");
    }
    for (var name : names) {
      properties++;
      characters += name.length();
      if (!required.contains(name)) {
        optionals++;
      }
      check(schema.get("properties").get(name), at + "/" + name, level + 1);
    }
  }

  private static boolean is(JsonNode schema, String type) {
    return schema.path("type").asString("").equals(type)
        || schema.path("type").valueStream().anyMatch(each -> each.asString("").equals(type));
  }
}
