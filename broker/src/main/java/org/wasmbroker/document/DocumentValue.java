package org.wasmbroker.document;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.JsonNode;

/** A value with its document and its location in it. */
public record DocumentValue(ParsedDocument document, JsonNode json, JsonPointer pointer) {
  private static final int MAX_TEXT_LENGTH = 60;

  public boolean isText() {
    return json.isString();
  }

  /**
   * The parsed text; anything that is not text is a problem.
   *
   * @param parse throws an {@link IllegalArgumentException} whose message says what is wrong with
   *     the text
   */
  public <T> @Nullable T parse(Function<String, T> parse) {
    if (!isText()) {
      problem(notText());
      return null;
    }
    return create(() -> parse.apply(json.stringValue())).orElse(null);
  }

  /** The value that a factory creates; an {@link IllegalArgumentException} becomes a problem. */
  public <T> Optional<T> create(Supplier<@Nullable T> factory) {
    try {
      return Optional.ofNullable(factory.get());
    } catch (IllegalArgumentException invalid) {
      problem(String.valueOf(invalid.getMessage()));
      return Optional.empty();
    }
  }

  private String notText() {
    if (!document.scalarsAsText()) {
      return "must be a string, was " + describe(json);
    }
    return json.isNull() ? "has no value" : "must be a single value, was " + describe(json);
  }

  /**
   * The value as an object; null is read as an empty one, and anything else is a problem and then
   * read as an empty one.
   */
  public ObjectReader object() {
    boolean isEmpty = json.isMissingNode() || (json.isNull() && document.scalarsAsText());
    if (!json.isObject() && !isEmpty) {
      problem("must be an object, was " + describe(json));
    }
    return new ObjectReader(this);
  }

  /** The members of an object; none of anything else. */
  Iterable<Map.Entry<String, JsonNode>> members() {
    return json.properties();
  }

  DocumentValue member(String name, JsonNode value) {
    return new DocumentValue(document, value, pointer.member(name));
  }

  /** The elements of an array; none of anything else. */
  public List<DocumentValue> elements() {
    var elements = new ArrayList<DocumentValue>();
    for (int i = 0; json.isArray() && i < json.size(); i++) {
      elements.add(new DocumentValue(document, json.get(i), pointer.element(i)));
    }
    return elements;
  }

  /** Where the value was written. */
  public Location location() {
    return document.locate(pointer);
  }

  public void problem(String message) {
    document.problem(pointer, message);
  }

  /** A short description of a value, for messages. */
  public static String describe(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> "an array";
      case OBJECT, POJO -> "an object";
      case STRING -> "'" + SafeText.sanitize(value.stringValue(), MAX_TEXT_LENGTH) + "'";
      case MISSING -> "missing";
      case NULL -> "null";
      case BOOLEAN, NUMBER, BINARY -> SafeText.sanitize(value.toString(), MAX_TEXT_LENGTH);
    };
  }
}
