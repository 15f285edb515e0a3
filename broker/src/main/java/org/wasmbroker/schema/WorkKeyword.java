package org.wasmbroker.schema;

import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaContext;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.keyword.AbstractKeyword;
import com.networknt.schema.keyword.AbstractKeywordValidator;
import com.networknt.schema.keyword.Keyword;
import com.networknt.schema.keyword.KeywordValidator;
import com.networknt.schema.path.NodePath;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A keyword of the broker's own, put into every schema within a schema, which counts each time that
 * one is applied as {@link Work}.
 */
final class WorkKeyword extends AbstractKeyword {
  private static final String NAME = "wasm-broker:work";

  private static final Set<String> SCHEMAS =
      Set.of(
          "not",
          "if",
          "then",
          "else",
          "items",
          "additionalItems",
          "unevaluatedItems",
          "contains",
          "additionalProperties",
          "unevaluatedProperties",
          "propertyNames",
          "contentSchema",
          "allOf",
          "anyOf",
          "oneOf",
          "prefixItems");

  private static final Set<String> SCHEMAS_BY_NAME =
      Set.of(
          "properties",
          "patternProperties",
          "$defs",
          "definitions",
          "dependentSchemas",
          "dependencies");

  WorkKeyword() {
    super(NAME);
  }

  /** A copy of the schema in which the keyword stands wherever it can. */
  static JsonNode in(JsonNode schema) {
    var copy = schema.deepCopy();
    put(copy);
    return copy;
  }

  private static void put(JsonNode schema) {
    if (schema.isArray()) {
      schema.forEach(WorkKeyword::put);
    }
    if (!(schema instanceof ObjectNode object)) {
      return;
    }
    for (var member : object.properties()) {
      if (SCHEMAS.contains(member.getKey())) {
        put(member.getValue());
      } else if (SCHEMAS_BY_NAME.contains(member.getKey()) && member.getValue().isObject()) {
        member.getValue().valueStream().filter(JsonNode::isObject).forEach(WorkKeyword::put);
      }
    }
    object.put(NAME, true);
  }

  @Override
  public KeywordValidator newValidator(
      SchemaLocation location, JsonNode node, Schema parent, SchemaContext context) {
    return new Counter(this, node, location);
  }

  private static final class Counter extends AbstractKeywordValidator {
    Counter(Keyword keyword, JsonNode node, SchemaLocation location) {
      super(keyword, node, location);
    }

    @Override
    public void validate(
        ExecutionContext context, JsonNode node, JsonNode root, NodePath instanceLocation) {
      Work.ofThisThread().apply();
    }
  }
}
