package org.wasmbroker.document;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * An object of a document whose members are read one by one; {@link #finish} reports those that
 * nobody read. What is wrong becomes a problem, and the answer is then as if the member were
 * absent, so that reading goes on and finds all problems.
 */
public final class ObjectReader {
  private final ParsedDocument document;
  private final JsonNode object;
  private final JsonPointer pointer;
  private final Set<String> known = new LinkedHashSet<>();

  private ObjectReader(ParsedDocument document, JsonNode object, JsonPointer pointer) {
    this.document = document;
    this.object = object;
    this.pointer = pointer;
  }

  /**
   * An object; a missing or null one is empty, and anything else a problem and as good as empty.
   */
  public static ObjectReader of(ParsedDocument document, JsonNode value, JsonPointer pointer) {
    if (!value.isObject()) {
      if (!value.isMissingNode() && !value.isNull()) {
        document.problem(pointer, "must be an object, was " + describe(value));
      }
      return new ObjectReader(document, JsonNodeFactory.instance.objectNode(), pointer);
    }
    return new ObjectReader(document, value, pointer);
  }

  public JsonPointer pointer() {
    return pointer;
  }

  /** Whether the member is there, even as null. */
  public boolean has(String name) {
    return object.has(name);
  }

  /** The member's value as it is, or null where it is absent. */
  public @Nullable JsonNode raw(String name) {
    known.add(name);
    return object.get(name);
  }

  /** All members, whose names are the author's to choose. */
  public Map<String, JsonNode> entries() {
    var entries = new LinkedHashMap<String, JsonNode>();
    object.properties().forEach(member -> entries.put(member.getKey(), member.getValue()));
    known.addAll(entries.keySet());
    return entries;
  }

  /** The member as an object; an empty one where it is absent. */
  public ObjectReader object(String name) {
    var value = raw(name);
    return of(
        document,
        value == null ? JsonNodeFactory.instance.missingNode() : value,
        pointer.member(name));
  }

  /**
   * @param parse what the text means; an {@link IllegalArgumentException} says why it means nothing
   */
  public <T> @Nullable T value(String name, Function<String, T> parse) {
    var value = raw(name);
    return value == null ? null : parsed(value, pointer.member(name), parse);
  }

  public @Nullable String string(String name) {
    return value(name, Function.identity());
  }

  /** An integer of the range. */
  public @Nullable Long integer(String name, long min, long max) {
    var value = raw(name);
    if (value == null) {
      return null;
    }
    if (!value.isIntegralNumber()) {
      problem(name, "must be an integer, was " + describe(value));
      return null;
    }
    if (!value.canConvertToLong() || value.longValue() < min || value.longValue() > max) {
      problem(
          name,
          max == Long.MAX_VALUE
              ? "must be at least %d, was %s".formatted(min, describe(value))
              : "must be %d to %d, was %s".formatted(min, max, describe(value)));
      return null;
    }
    return value.longValue();
  }

  /** A member of some type, such as a schema. */
  public @Nullable JsonNode json(String name, Predicate<JsonNode> isAllowed, String allowed) {
    var value = raw(name);
    if (value != null && !isAllowed.test(value)) {
      problem(name, "must be %s, was %s".formatted(allowed, describe(value)));
      return null;
    }
    return value;
  }

  /** The elements of an array of texts; a single value stands for an array of one. */
  public <T> List<T> values(String name, Function<String, T> parse) {
    return items(
        name, (value, itemPointer) -> Optional.ofNullable(parsed(value, itemPointer, parse)));
  }

  /** The elements of an array; a single value stands for an array of one, and null for none. */
  public <T> List<T> items(String name, ItemReader<T> reader) {
    var value = raw(name);
    if (value == null || value.isNull()) {
      return List.of();
    }
    return value.isArray()
        ? elements(value, name, reader)
        : reader.read(value, pointer.member(name)).map(List::of).orElse(List.of());
  }

  /** The elements of what must be an array. */
  public <T> List<T> array(String name, int maxSize, ItemReader<T> reader) {
    var value = raw(name);
    if (value == null) {
      return List.of();
    }
    if (!value.isArray()) {
      problem(name, "must be an array, was " + describe(value));
      return List.of();
    }
    if (value.size() > maxSize) {
      problem(name, "has %d elements; at most %d are allowed".formatted(value.size(), maxSize));
      return List.of();
    }
    return elements(value, name, reader);
  }

  private <T> List<T> elements(JsonNode array, String name, ItemReader<T> reader) {
    var read = new ArrayList<T>();
    for (int i = 0; i < array.size(); i++) {
      reader.read(array.get(i), pointer.member(name).element(i)).ifPresent(read::add);
    }
    return List.copyOf(read);
  }

  /** What a text means; anything that is not text is a problem. */
  public <T> @Nullable T parsed(JsonNode value, JsonPointer at, Function<String, T> parse) {
    if (!value.isString()) {
      document.problem(at, notText(value));
      return null;
    }
    try {
      return parse.apply(value.stringValue());
    } catch (IllegalArgumentException wrong) {
      document.problem(at, String.valueOf(wrong.getMessage()));
      return null;
    }
  }

  private String notText(JsonNode value) {
    if (!document.scalarsAsText()) {
      return "must be a string, was " + describe(value);
    }
    return value.isNull() ? "has no value" : "must be a single value, was " + describe(value);
  }

  /** Another object of the same document. */
  public ObjectReader at(JsonNode value, JsonPointer at) {
    return of(document, value, at);
  }

  public void problem(String message) {
    document.problem(pointer, message);
  }

  public void problem(String name, String message) {
    document.problem(pointer.member(name), message);
  }

  /** Reports every member that nobody read. */
  public void finish() {
    for (var name : object.propertyNames()) {
      if (!known.contains(name)) {
        problem(name, Names.unknownMember(name, known));
      }
    }
  }

  /** A value in few words, for messages. */
  public static String describe(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> "an array";
      case OBJECT, POJO -> "an object";
      case STRING -> "'" + SafeText.sanitize(value.stringValue(), 60) + "'";
      case MISSING -> "missing";
      case NULL -> "null";
      case BOOLEAN, NUMBER, BINARY -> SafeText.sanitize(value.toString(), 60);
    };
  }

  /** Reads one element of an array. */
  public interface ItemReader<T> {
    Optional<T> read(JsonNode value, JsonPointer pointer);
  }
}
