package org.wasmbroker.plan.catalog;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What can be read off a JSON Schema without a value. References are followed within the schema.
 */
public final class Schemas {
  /** What a part of a configuration means to the broker; one of {@link Meaning}. */
  public static final String MEANS = "x-means";

  static final List<String> TYPES =
      List.of("object", "array", "string", "number", "integer", "boolean", "null");

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int MAX_REFERENCES = 20;

  private Schemas() {}

  /** The tree of a schema; a missing node where there is none. */
  public static JsonNode tree(@Nullable Document schema) {
    return schema == null ? JsonNodeFactory.instance.missingNode() : JSON.readTree(schema.bytes());
  }

  /** The schema that a reference leads to, or the schema itself; empty if it leads nowhere. */
  public static Optional<JsonNode> resolve(JsonNode root, JsonNode schema) {
    var at = schema;
    var seen = new HashSet<String>();
    while (at.path("$ref").isString()) {
      var reference = at.path("$ref").stringValue();
      if (!reference.startsWith("#") || !seen.add(reference) || seen.size() > MAX_REFERENCES) {
        return Optional.empty();
      }
      var pointer = reference.substring(1);
      at = pointer.isEmpty() ? root : pointer.startsWith("/") ? root.at(pointer) : missing();
      if (at.isMissingNode()) {
        return Optional.empty();
      }
    }
    return Optional.of(at);
  }

  private static JsonNode missing() {
    return JsonNodeFactory.instance.missingNode();
  }

  /** The types that a value may have, in the order of {@link #TYPES}; all if it does not say. */
  static Set<String> types(JsonNode root, JsonNode schema) {
    var resolved = resolve(root, schema).orElse(missing());
    var types = new LinkedHashSet<String>();
    if (resolved.isBoolean() && !resolved.booleanValue()) {
      return types;
    }
    var declared = resolved.path("type");
    if (declared.isString()) {
      types.add(declared.stringValue());
    } else if (declared.isArray()) {
      declared
          .valueStream()
          .filter(JsonNode::isString)
          .forEach(each -> types.add(each.stringValue()));
    } else if (resolved.has("const")) {
      types.add(typeOf(resolved.get("const")));
    } else if (resolved.path("enum").isArray()) {
      resolved.get("enum").valueStream().forEach(each -> types.add(typeOf(each)));
    } else if (resolved.path("anyOf").isArray() || resolved.path("oneOf").isArray()) {
      var variants = resolved.has("anyOf") ? resolved.get("anyOf") : resolved.get("oneOf");
      variants.valueStream().forEach(each -> types.addAll(types(root, each)));
    } else {
      types.addAll(TYPES);
    }
    var ordered = new LinkedHashSet<>(TYPES);
    ordered.retainAll(types);
    return ordered;
  }

  static String typeOf(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT, POJO -> "object";
      case ARRAY -> "array";
      case STRING, BINARY -> "string";
      case BOOLEAN -> "boolean";
      case NULL, MISSING -> "null";
      case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
    };
  }

  /** Whether the value has a type that the schema allows. */
  public static boolean mayBe(JsonNode root, JsonNode schema, JsonNode value) {
    var types = types(root, schema);
    var type = typeOf(value);
    return types.contains(type) || (type.equals("integer") && types.contains("number"));
  }

  static Set<String> required(JsonNode schema) {
    var names = new LinkedHashSet<String>();
    schema
        .path("required")
        .valueStream()
        .filter(JsonNode::isString)
        .forEach(each -> names.add(each.stringValue()));
    return names;
  }

  /** The schema without our own annotations, as a tree of its own. */
  static JsonNode withoutMeanings(JsonNode schema) {
    var copy = schema.deepCopy();
    removeMeanings(copy);
    return copy;
  }

  private static void removeMeanings(JsonNode node) {
    if (node instanceof ObjectNode object && object.path(MEANS).isString()) {
      object.remove(MEANS);
    }
    new ArrayList<>(node.valueStream().toList()).forEach(Schemas::removeMeanings);
  }
}
