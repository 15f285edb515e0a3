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
 * A custom keyword that is inserted into every subschema, and charges each application of it to the
 * {@link WorkBudget}.
 */
final class WorkBudgetKeyword extends AbstractKeyword {
  private static final String NAME = "wasm-broker:work";

  private static final Set<String> SUBSCHEMA_KEYWORDS =
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

  private static final Set<String> SUBSCHEMA_MAP_KEYWORDS =
      Set.of(
          "properties",
          "patternProperties",
          "$defs",
          "definitions",
          "dependentSchemas",
          "dependencies");

  WorkBudgetKeyword() {
    super(NAME);
  }

  /** A copy of the schema with the keyword in every subschema. */
  static JsonNode instrument(JsonNode schema) {
    var copy = schema.deepCopy();
    insert(copy);
    return copy;
  }

  private static void insert(JsonNode schema) {
    if (schema.isArray()) {
      schema.forEach(WorkBudgetKeyword::insert);
    }
    if (!(schema instanceof ObjectNode object)) {
      return;
    }
    for (var member : object.properties()) {
      if (SUBSCHEMA_KEYWORDS.contains(member.getKey())) {
        insert(member.getValue());
      } else if (SUBSCHEMA_MAP_KEYWORDS.contains(member.getKey()) && member.getValue().isObject()) {
        member
            .getValue()
            .valueStream()
            .filter(JsonNode::isObject)
            .forEach(WorkBudgetKeyword::insert);
      }
    }
    object.put(NAME, true);
  }

  @Override
  public KeywordValidator newValidator(
      SchemaLocation location, JsonNode node, Schema parent, SchemaContext context) {
    return new Meter(this, node, location);
  }

  private static final class Meter extends AbstractKeywordValidator {
    Meter(Keyword keyword, JsonNode node, SchemaLocation location) {
      super(keyword, node, location);
    }

    @Override
    public void validate(
        ExecutionContext context, JsonNode node, JsonNode root, NodePath instanceLocation) {
      WorkBudget.current().chargeSchema();
    }
  }
}
