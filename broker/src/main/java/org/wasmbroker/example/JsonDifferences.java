package org.wasmbroker.example;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.JsonPointer;
import tools.jackson.databind.JsonNode;

/**
 * Compares two JSON values: numbers by value, so that 1 is 1.0, and objects without regard to the
 * order of their members. The elements of arrays are compared by their positions.
 */
public final class JsonDifferences {
  /** More say nothing more to a reader. */
  private static final int MAX = 50;

  private final List<Difference> found = new ArrayList<>();

  private JsonDifferences() {}

  /** The first differences, in the order of the expected value; none if the values are equal. */
  public static List<Difference> between(JsonPointer at, JsonNode expected, JsonNode actual) {
    var differences = new JsonDifferences();
    differences.compare(at, expected, actual);
    return List.copyOf(differences.found);
  }

  private void compare(JsonPointer at, @Nullable JsonNode expected, @Nullable JsonNode actual) {
    if (found.size() == MAX) {
      return;
    }
    if (expected != null && actual != null && expected.isObject() && actual.isObject()) {
      compareMembers(at, expected, actual);
    } else if (expected != null && actual != null && expected.isArray() && actual.isArray()) {
      compareElements(at, expected, actual);
    } else if (!isSameScalar(expected, actual)) {
      found.add(new Difference(at, expected, actual));
    }
  }

  private void compareMembers(JsonPointer at, JsonNode expected, JsonNode actual) {
    for (var member : expected.properties()) {
      compare(at.member(member.getKey()), member.getValue(), actual.get(member.getKey()));
    }
    for (var member : actual.properties()) {
      if (!expected.has(member.getKey())) {
        compare(at.member(member.getKey()), null, member.getValue());
      }
    }
  }

  private void compareElements(JsonPointer at, JsonNode expected, JsonNode actual) {
    for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
      compare(at.element(i), expected.get(i), actual.get(i));
    }
  }

  private static boolean isSameScalar(@Nullable JsonNode expected, @Nullable JsonNode actual) {
    if (expected == null || actual == null) {
      return false;
    }
    return (expected.isNumber() && actual.isNumber())
        ? expected.decimalValue().compareTo(actual.decimalValue()) == 0
        : expected.equals(actual);
  }
}
