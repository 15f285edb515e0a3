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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * An object of a document whose members are read one by one; {@link #finish} reports those that
 * were not read. An invalid member becomes a problem and is then treated as absent, so that reading
 * continues and finds all problems.
 */
public final class ObjectReader {
  private final DocumentValue value;
  private final Set<String> known = new LinkedHashSet<>();

  ObjectReader(DocumentValue value) {
    this.value = value;
  }

  public JsonPointer pointer() {
    return value.pointer();
  }

  /** Whether the member is present, even as null. */
  public boolean has(String name) {
    return value.json().has(name);
  }

  /** The member, or null where it is absent. */
  public @Nullable DocumentValue member(String name) {
    known.add(name);
    var json = value.json().get(name);
    return json == null ? null : value.member(name, json);
  }

  /** All members, whose names are the author's to choose. */
  public Map<String, DocumentValue> entries() {
    var entries = new LinkedHashMap<String, DocumentValue>();
    for (var member : value.members()) {
      entries.put(member.getKey(), value.member(member.getKey(), member.getValue()));
    }
    known.addAll(entries.keySet());
    return entries;
  }

  /** The member as an object; an empty one where it is absent. */
  public ObjectReader object(String name) {
    var member = member(name);
    return member == null
        ? value.member(name, JsonNodeFactory.instance.missingNode()).object()
        : member.object();
  }

  /**
   * The member's text, parsed.
   *
   * @param parse throws an {@link IllegalArgumentException} whose message says what is wrong with
   *     the text
   */
  public <T> @Nullable T value(String name, Function<String, T> parse) {
    var member = member(name);
    return member == null ? null : member.parse(parse);
  }

  public @Nullable String string(String name) {
    return value(name, Function.identity());
  }

  /** An integer of the range. */
  public @Nullable Long integer(String name, long min, long max) {
    var json = json(name, JsonNode::isIntegralNumber, "an integer");
    if (json == null) {
      return null;
    }
    if (!json.canConvertToLong() || json.longValue() < min || json.longValue() > max) {
      var range = max == Long.MAX_VALUE ? "at least " + min : min + " to " + max;
      problem(name, "must be %s, was %s".formatted(range, DocumentValue.describe(json)));
      return null;
    }
    return json.longValue();
  }

  /** The member's JSON value, if it has an allowed type. */
  public @Nullable JsonNode json(String name, Predicate<JsonNode> isAllowed, String allowed) {
    var member = member(name);
    if (member == null) {
      return null;
    }
    if (!isAllowed.test(member.json())) {
      member.problem(
          "must be %s, was %s".formatted(allowed, DocumentValue.describe(member.json())));
      return null;
    }
    return member.json();
  }

  /** The elements of an array of texts; a single value is read as an array of one. */
  public <T> List<T> values(String name, Function<String, T> parse) {
    return items(name, item -> Optional.ofNullable(item.parse(parse)));
  }

  /**
   * The elements of an array; a single value is read as an array of one, and null as an empty one.
   */
  public <T> List<T> items(String name, Function<DocumentValue, Optional<T>> reader) {
    var member = member(name);
    if (member == null || member.json().isNull()) {
      return List.of();
    }
    return member.json().isArray()
        ? elements(member, reader)
        : reader.apply(member).map(List::of).orElse(List.of());
  }

  /** The elements of a member that must be an array. */
  public <T> List<T> array(String name, int maxSize, Function<DocumentValue, Optional<T>> reader) {
    var member = member(name);
    if (member == null) {
      return List.of();
    }
    if (!member.json().isArray()) {
      member.problem("must be an array, was " + DocumentValue.describe(member.json()));
      return List.of();
    }
    if (member.json().size() > maxSize) {
      member.problem(
          "has %d elements; at most %d are allowed".formatted(member.json().size(), maxSize));
      return List.of();
    }
    return elements(member, reader);
  }

  private static <T> List<T> elements(
      DocumentValue array, Function<DocumentValue, Optional<T>> reader) {
    var read = new ArrayList<T>();
    for (var element : array.elements()) {
      reader.apply(element).ifPresent(read::add);
    }
    return List.copyOf(read);
  }

  /**
   * The value that several members form together; an {@link IllegalArgumentException} becomes a
   * problem.
   */
  public <T> Optional<T> create(Supplier<T> factory) {
    return value.create(factory);
  }

  public void problem(String message) {
    value.problem(message);
  }

  public void problem(String name, String message) {
    value.document().problem(pointer().member(name), message);
  }

  /** Reports every member that was not read. */
  public void finish() {
    for (var member : value.members()) {
      if (!known.contains(member.getKey())) {
        problem(member.getKey(), Names.unknownMember(member.getKey(), known));
      }
    }
  }
}
