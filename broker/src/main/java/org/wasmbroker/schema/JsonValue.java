package org.wasmbroker.schema;

import java.util.List;
import java.util.Map;
import org.wasmbroker.step.Document;
import tools.jackson.core.JacksonException;

/**
 * A JSON value as schemas see it: a number is the text that was written, of any size, and its value
 * is exact.
 */
sealed interface JsonValue {
  /** Null. */
  record Null() implements JsonValue {}

  /** True or false. */
  record Bool(boolean value) implements JsonValue {}

  /** A number. */
  record Num(String text) implements JsonValue {
    Decimal value() {
      return Decimal.parse(text);
    }

    boolean isWhole() {
      return text.chars().noneMatch(c -> c == '.' || c == 'e' || c == 'E') || value().isWhole();
    }
  }

  /** A string. */
  record Text(String value) implements JsonValue {}

  /** An array. */
  record Items(List<JsonValue> values) implements JsonValue {}

  /** An object, with its members in the order in which they came. */
  record Members(Map<String, JsonValue> values) implements JsonValue {}

  /**
   * Parses a document.
   *
   * @throws JacksonException if it is not JSON, or nested too deep
   */
  static JsonValue parse(Document document) {
    return JsonValueReader.read(document);
  }

  /** The name of the type in JSON Schema. */
  default String typeName() {
    return switch (this) {
      case Null() -> "null";
      case Bool(_) -> "boolean";
      case Num(_) -> "number";
      case Text(_) -> "string";
      case Items(_) -> "array";
      case Members(_) -> "object";
    };
  }
}
