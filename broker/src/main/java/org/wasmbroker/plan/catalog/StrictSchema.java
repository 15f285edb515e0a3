package org.wasmbroker.plan.catalog;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON Schema in the subset that an API accepts for the arguments of a tool whose calls it
 * guarantees to be valid. What cannot be expressed becomes a string with the JSON text of the
 * value, and keywords that are dropped are told in the description; so whatever is valid under the
 * original can still be written.
 *
 * @param schema an object without references
 * @param lost what the root's description could not say in the schema
 * @param optionals how many properties may be left out
 * @param unions how many of its parts have more than one type
 */
record StrictSchema(ObjectNode schema, List<String> lost, int optionals, int unions) {
  /** What an API accepts. */
  enum Dialect {
    /** Every property is required, so an optional one is nullable; bounds are allowed. */
    OPENAI,
    /** Properties may be optional, few in a request; bounds are not allowed. */
    ANTHROPIC;

    private Set<String> ofNumbers() {
      return this == OPENAI ? BOUNDS : Set.of();
    }

    private boolean hasFormat(String name) {
      return FORMATS.contains(name) || (this == ANTHROPIC && name.equals("uri"));
    }
  }

  private static final Set<String> BOUNDS =
      Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");
  private static final Set<String> FORMATS =
      Set.of("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid");

  /** The single property of a configuration that is not an object with named members. */
  static final String WHOLE = "configuration";

  static final String JSON_TEXT = "JSON text";

  private static final int MAX_LEVELS = 5;
  private static final int MAX_LOST_LENGTH = 80;

  /** They say nothing about which values are valid, or are handled where they stand. */
  private static final Set<String> ANNOTATIONS =
      Set.of(
          "$schema",
          "$id",
          "$comment",
          "$defs",
          "$anchor",
          "definitions",
          "title",
          "description",
          "default",
          "examples",
          "deprecated",
          "readOnly",
          "writeOnly",
          "type",
          "properties",
          "required",
          "items",
          "enum",
          "const",
          "anyOf",
          "additionalProperties",
          "$ref",
          Schemas.MEANS);

  /** Look-around, back-references and word boundaries, which neither API's grammars know. */
  private static final Pattern HARD_PATTERN = Pattern.compile("\\(\\?[=!<]|\\\\[bB1-9k]");

  StrictSchema {
    lost = List.copyOf(lost);
  }

  /** The schema of a handler's configuration. */
  static StrictSchema of(JsonNode schema, Dialect dialect) {
    return new Conversion(schema, dialect).convert();
  }

  private static final class Conversion {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final JsonNode root;
    private final Dialect dialect;

    Conversion(JsonNode root, Dialect dialect) {
      this.root = root;
      this.dialect = dialect;
    }

    StrictSchema convert() {
      var lost = new ArrayList<String>();
      var resolved = Schemas.resolve(root, root).orElse(root);
      if (resolved.path("properties").isObject()) {
        var converted = object(resolved, new HashSet<>(), 1, lost);
        if (converted.isPresent()) {
          loseKeywords(resolved, Set.of(), lost);
          if (resolved.has("anyOf")) {
            lost.add(told("anyOf", resolved.get("anyOf")));
          }
          return counted(converted.orElseThrow(), lost);
        }
      }
      var whole = NODES.objectNode().put("type", "object");
      whole.putObject("properties").set(WHOLE, jsonText(root));
      whole.putArray("required").add(WHOLE);
      return counted(whole.put("additionalProperties", false), List.of());
    }

    private static StrictSchema counted(ObjectNode schema, List<String> lost) {
      return new StrictSchema(schema, lost, optionals(schema), unions(schema));
    }

    private static int optionals(JsonNode schema) {
      int own = schema.path("properties").size() - schema.path("required").size();
      return (schema.path("properties").isObject() ? own : 0)
          + schema.valueStream().mapToInt(Conversion::optionals).sum();
    }

    private static int unions(JsonNode schema) {
      int own = schema.path("anyOf").isArray() || schema.path("type").isArray() ? 1 : 0;
      return own + schema.valueStream().mapToInt(Conversion::unions).sum();
    }

    /** A value of any kind; empty if it has no form in this dialect. */
    private Optional<ObjectNode> value(JsonNode schema, Set<String> following, int level) {
      if (!schema.isObject()) {
        return Optional.empty();
      }
      if (schema.path("$ref").isString()) {
        return reference(schema, following, level);
      }
      var lost = new ArrayList<String>();
      var converted = shape(schema, following, level, lost);
      converted.ifPresent(node -> describe(node, schema, lost));
      return converted;
    }

    private Optional<ObjectNode> reference(JsonNode schema, Set<String> following, int level) {
      var reference = schema.get("$ref").stringValue();
      var target = Schemas.resolve(root, schema);
      if (target.isEmpty() || !following.add(reference)) {
        return Optional.empty(); // elsewhere, or within itself
      }
      var converted = value(target.orElseThrow(), following, level);
      following.remove(reference);
      converted.ifPresent(
          node -> {
            var lost = new ArrayList<String>();
            loseKeywords(schema, Set.of(), lost);
            if (schema.has("description") || !lost.isEmpty()) {
              var inherited = node.path("description").asString("");
              describe(node, schema, lost);
              if (!inherited.isEmpty()) {
                append(node, inherited);
              }
            }
          });
      return converted;
    }

    private Optional<ObjectNode> shape(
        JsonNode schema, Set<String> following, int level, List<String> lost) {
      if (schema.has("const") || schema.path("enum").isArray()) {
        return enumeration(schema, lost);
      }
      var variants = schema.has("anyOf") ? schema.get("anyOf") : schema.path("oneOf");
      if (variants.isArray() && !schema.has("properties")) {
        loseKeywords(schema, Set.of("oneOf"), lost);
        return anyOf(variants.valueStream().toList(), following, level);
      }
      var types = new ArrayList<String>(explicitTypes(schema));
      if (types.isEmpty()) {
        return Optional.empty();
      }
      if (types.size() > 1 && (types.contains("object") || types.contains("array"))) {
        var each = new ArrayList<JsonNode>();
        for (var type : types) {
          each.add(((ObjectNode) schema.deepCopy()).put("type", type).without("description"));
        }
        return anyOf(each, following, level);
      }
      return switch (types.getFirst()) {
        case "object" -> {
          loseKeywords(schema, Set.of(), lost);
          yield object(schema, following, level, lost);
        }
        case "array" -> array(schema, following, level, lost);
        default -> Optional.of(scalar(schema, types, lost));
      };
    }

    private static Set<String> explicitTypes(JsonNode schema) {
      if (schema.has("type")) {
        return Schemas.types(schema, schema);
      }
      if (schema.has("properties")) {
        return Set.of("object");
      }
      return schema.has("items") ? Set.of("array") : Set.of();
    }

    private Optional<ObjectNode> enumeration(JsonNode schema, List<String> lost) {
      var values =
          schema.has("const")
              ? List.of(schema.get("const"))
              : schema.get("enum").valueStream().toList();
      if (values.isEmpty() || values.stream().anyMatch(JsonNode::isContainer)) {
        return Optional.empty();
      }
      loseKeywords(schema, Set.of(), lost);
      var node = NODES.objectNode();
      var types = values.stream().map(Schemas::typeOf).distinct().toList();
      type(node, types);
      var allowed = node.putArray("enum");
      values.stream().distinct().forEach(allowed::add);
      return Optional.of(node);
    }

    private Optional<ObjectNode> anyOf(List<JsonNode> variants, Set<String> following, int level) {
      var node = NODES.objectNode();
      var converted = node.putArray("anyOf");
      var seen = new HashSet<JsonNode>();
      for (var variant : variants) {
        var one = value(variant, following, level);
        if (one.isEmpty()) {
          return Optional.empty();
        }
        // A union within a union is the same union.
        var flat = one.orElseThrow();
        var parts =
            flat.path("anyOf").isArray() ? flat.get("anyOf").valueStream().toList() : List.of(flat);
        parts.stream().filter(seen::add).forEach(part -> converted.add(part.deepCopy()));
      }
      return converted.isEmpty() ? Optional.empty() : Optional.of(node);
    }

    private Optional<ObjectNode> object(
        JsonNode schema, Set<String> following, int level, List<String> lost) {
      var properties = schema.path("properties");
      if (!properties.isObject() || properties.isEmpty() || level > MAX_LEVELS) {
        return Optional.empty(); // its names are the author's
      }
      if (schema.path("additionalProperties").isObject()
          || schema.path("additionalProperties").asBoolean(false)) {
        lost.add("members with other names are possible, but cannot be written here");
      }
      var required = Schemas.required(schema);
      var node = NODES.objectNode().put("type", "object");
      var converted = node.putObject("properties");
      var names = new ArrayList<String>();
      for (var property : properties.properties()) {
        var name = property.getKey();
        var isRequired = required.contains(name);
        converted.set(name, property(property.getValue(), isRequired, following, level + 1));
        if (isRequired || dialect == Dialect.OPENAI) {
          names.add(name);
        }
      }
      var all = node.putArray("required");
      names.forEach(all::add);
      return Optional.of(node.put("additionalProperties", false));
    }

    private ObjectNode property(
        JsonNode schema, boolean isRequired, Set<String> following, int level) {
      var node = value(schema, following, level).orElseGet(() -> jsonText(schema));
      var defaultValue = Schemas.resolve(root, schema).map(each -> each.path("default"));
      defaultValue
          .filter(each -> !each.isMissingNode())
          .ifPresent(each -> append(node, "Default: " + each + "."));
      if (!isRequired) {
        if (dialect == Dialect.OPENAI) {
          append(node, "Optional: null leaves it out.");
          nullable(node);
        } else {
          append(node, "Optional.");
        }
      }
      return node;
    }

    private static void nullable(ObjectNode node) {
      if (node.path("anyOf") instanceof ArrayNode variants) {
        if (variants
            .valueStream()
            .noneMatch(each -> each.path("type").asString("").equals("null"))) {
          variants.addObject().put("type", "null");
        }
        return;
      }
      var types = new ArrayList<>(Schemas.types(node, node));
      if (!types.contains("null")) {
        types.add("null");
        type(node, types);
        if (node.path("enum") instanceof ArrayNode values) {
          values.addNull();
        }
      }
    }

    private Optional<ObjectNode> array(
        JsonNode schema, Set<String> following, int level, List<String> lost) {
      if (schema.has("prefixItems") || !schema.path("items").isObject()) {
        return Optional.empty();
      }
      var items = value(schema.get("items"), following, level);
      var node = NODES.objectNode().put("type", "array");
      var kept = new HashSet<String>();
      for (var bound : List.of("minItems", "maxItems")) {
        boolean allowed =
            dialect == Dialect.OPENAI
                || (bound.equals("minItems") && schema.path(bound).asInt(2) <= 1);
        if (schema.has(bound) && allowed) {
          node.set(bound, schema.get(bound));
          kept.add(bound);
        }
      }
      loseKeywords(schema, kept, lost);
      return items.map(each -> node.set("items", each));
    }

    private ObjectNode scalar(JsonNode schema, List<String> types, List<String> lost) {
      var node = NODES.objectNode();
      type(node, types);
      var kept = new HashSet<String>();
      if (types.contains("string")) {
        keepIf(
            !HARD_PATTERN.matcher(schema.path("pattern").asString("")).find(),
            "pattern",
            schema,
            node,
            kept);
        keepIf(dialect.hasFormat(schema.path("format").asString("")), "format", schema, node, kept);
      }
      if (types.contains("number") || types.contains("integer")) {
        dialect.ofNumbers().forEach(each -> keepIf(true, each, schema, node, kept));
      }
      loseKeywords(schema, kept, lost);
      return node;
    }

    private static void keepIf(
        boolean allowed, String keyword, JsonNode schema, ObjectNode node, Set<String> kept) {
      if (allowed && schema.has(keyword)) {
        node.set(keyword, schema.get(keyword));
        kept.add(keyword);
      }
    }

    private static void type(ObjectNode node, List<String> types) {
      if (types.size() == 1) {
        node.put("type", types.getFirst());
      } else {
        var all = node.putArray("type");
        types.forEach(all::add);
      }
    }

    /** Any JSON value, as a string that contains it. */
    private static ObjectNode jsonText(JsonNode schema) {
      var node = NODES.objectNode().put("type", "string");
      var types = Schemas.types(schema, schema);
      var kind =
          types.isEmpty() || types.size() == Schemas.TYPES.size()
              ? "any value"
              : "a value of type " + String.join(" or ", types);
      append(
          node,
          "The " + JSON_TEXT + " of " + kind + ", since its form has no place in this schema.");
      if (schema.path("description").isString()) {
        append(node, schema.get("description").stringValue());
      }
      return node;
    }

    private static void loseKeywords(JsonNode schema, Set<String> kept, List<String> lost) {
      for (var member : schema.properties()) {
        var keyword = member.getKey();
        if (!ANNOTATIONS.contains(keyword) && !kept.contains(keyword)) {
          lost.add(told(keyword, member.getValue()));
        }
      }
    }

    private static String told(String keyword, JsonNode value) {
      return keyword + " " + SafeText.sanitize(value.toString(), MAX_LOST_LENGTH);
    }

    private static void describe(ObjectNode node, JsonNode schema, List<String> lost) {
      node.remove("description");
      if (schema.path("description").isString()) {
        append(node, schema.get("description").stringValue());
      }
      if (!lost.isEmpty()) {
        append(node, "Not in this schema: " + String.join("; ", lost) + ".");
      }
    }

    private static void append(ObjectNode node, String sentence) {
      var before = node.path("description").asString("");
      node.put("description", before.isEmpty() ? sentence : before + " " + sentence);
    }
  }
}
