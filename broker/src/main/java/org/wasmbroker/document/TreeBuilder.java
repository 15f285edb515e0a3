package org.wasmbroker.document;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/** Builds the tree of one document from its tokens. */
final class TreeBuilder {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final JsonParser parser;
  private final ParsedDocument document;
  private final DocumentReader options;

  TreeBuilder(JsonParser parser, ParsedDocument document, DocumentReader options) {
    this.parser = parser;
    this.document = document;
    this.options = options;
  }

  /** Reading cannot continue; the reason is among the document's problems. */
  static final class AbortedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    AbortedException() {
      super(null, null, false, false);
    }
  }

  void build() {
    if (parser.nextToken() == null) {
      return;
    }
    var root = options.positions() ? position() : null;
    document.positions(root);
    var value = value(JsonPointer.ROOT, root, 0);
    if (parser.nextToken() != null) {
      document.problem("is followed by a second document");
    }
    document.root(value);
  }

  private PositionTree position() {
    var at = parser.currentTokenLocation();
    return new PositionTree(Math.max(0, at.getLineNr()), Math.max(0, at.getColumnNr()));
  }

  private JsonNode value(JsonPointer pointer, @Nullable PositionTree position, int depth) {
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      return refused(pointer, "is an alias (*), which is not supported; write the value out");
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(pointer, position, deeper(pointer, depth));
      case START_ARRAY -> array(pointer, position, deeper(pointer, depth));
      case VALUE_NULL -> JSON.nullNode();
      case VALUE_STRING -> JSON.stringNode(parser.getString());
      case VALUE_TRUE, VALUE_FALSE ->
          options.scalarsAsText()
              ? JSON.stringNode(parser.getString())
              : JSON.booleanNode(parser.getBooleanValue());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
          options.scalarsAsText() ? JSON.stringNode(parser.getString()) : number(pointer);
      case null, default -> refused(pointer, "is not a value that JSON has");
    };
  }

  private int deeper(JsonPointer pointer, int depth) {
    if (depth >= options.maxDepth()) {
      document.problem(pointer, "is nested deeper than %d levels".formatted(options.maxDepth()));
      throw new AbortedException();
    }
    return depth + 1;
  }

  private JsonNode refused(JsonPointer pointer, String message) {
    document.problem(pointer, message);
    return JSON.nullNode();
  }

  private JsonNode number(JsonPointer pointer) {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_FLOAT && parser.isNaN()) {
      return refused(pointer, "is not a number that JSON has");
    }
    try {
      return switch (parser.getNumberType()) {
        case INT -> JSON.numberNode(parser.getIntValue());
        case LONG -> JSON.numberNode(parser.getLongValue());
        case BIG_INTEGER -> JSON.numberNode(parser.getBigIntegerValue());
        case FLOAT, DOUBLE, BIG_DECIMAL -> JSON.numberNode(parser.getDecimalValue());
      };
    } catch (JacksonException | NumberFormatException beyond) {
      return refused(pointer, "is a number with too many digits or too large an exponent");
    }
  }

  private JsonNode object(JsonPointer pointer, @Nullable PositionTree position, int depth) {
    var object = JSON.objectNode();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      var name = parser.currentName();
      var member = pointer.member(name);
      boolean duplicate = object.has(name);
      var at = position == null ? null : position.child(name, position());
      parser.nextToken();
      var value = value(member, at, depth);
      if (duplicate) {
        document.problem(member, "appears twice");
      } else {
        object.set(name, value);
      }
    }
    if (parser.currentToken() != JsonToken.END_OBJECT) {
      return refused(pointer, "is incomplete");
    }
    return object;
  }

  private JsonNode array(JsonPointer pointer, @Nullable PositionTree position, int depth) {
    var array = JSON.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == null) {
        return refused(pointer, "is incomplete");
      }
      int index = array.size();
      var at = position == null ? null : position.child(String.valueOf(index), position());
      array.add(value(pointer.element(index), at, depth));
    }
    return array;
  }
}
