package org.wasmbroker.schema;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Values as JSON Schema compares them: numbers by their value, objects whatever the order of their
 * members.
 */
final class JsonOrder {
  /** Some order of all values, in which those that are the same are next to each other. */
  static final Comparator<JsonValue> ORDER = JsonOrder::compare;

  private JsonOrder() {}

  /** Whether two values are the same. */
  static boolean equal(JsonValue left, JsonValue right) {
    return switch (left) {
      case JsonValue.Null() -> right instanceof JsonValue.Null;
      case JsonValue.Bool(boolean value) ->
          right instanceof JsonValue.Bool(boolean other) && value == other;
      case JsonValue.Num number ->
          right instanceof JsonValue.Num other
              && (number.equals(other) || number.value().compareTo(other.value()) == 0);
      case JsonValue.Text(var value) ->
          right instanceof JsonValue.Text(var other) && value.equals(other);
      case JsonValue.Items(var values) ->
          right instanceof JsonValue.Items(var others) && equal(values, others);
      case JsonValue.Members(var values) ->
          right instanceof JsonValue.Members(var others) && equal(values, others);
    };
  }

  private static boolean equal(List<JsonValue> left, List<JsonValue> right) {
    if (left.size() != right.size()) {
      return false;
    }
    for (int i = 0; i < left.size(); i++) {
      if (!equal(left.get(i), right.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean equal(Map<String, JsonValue> left, Map<String, JsonValue> right) {
    if (left.size() != right.size()) {
      return false;
    }
    for (var member : left.entrySet()) {
      var other = right.get(member.getKey());
      if (other == null || !equal(member.getValue(), other)) {
        return false;
      }
    }
    return true;
  }

  private static int compare(JsonValue left, JsonValue right) {
    return switch (left) {
      case JsonValue.Bool(boolean value) when right instanceof JsonValue.Bool(boolean other) ->
          Boolean.compare(value, other);
      case JsonValue.Num number when right instanceof JsonValue.Num other ->
          number.value().compareTo(other.value());
      case JsonValue.Text(var value) when right instanceof JsonValue.Text(var other) ->
          value.compareTo(other);
      case JsonValue.Items(var values) when right instanceof JsonValue.Items(var others) ->
          compare(values, others);
      case JsonValue.Members(var values) when right instanceof JsonValue.Members(var others) ->
          compare(values, others);
      default -> left.typeName().compareTo(right.typeName());
    };
  }

  private static int compare(List<JsonValue> left, List<JsonValue> right) {
    int order = Integer.compare(left.size(), right.size());
    for (int i = 0; order == 0 && i < left.size(); i++) {
      order = compare(left.get(i), right.get(i));
    }
    return order;
  }

  private static int compare(Map<String, JsonValue> left, Map<String, JsonValue> right) {
    int order = Integer.compare(left.size(), right.size());
    if (order != 0) {
      return order;
    }
    var others = new TreeMap<>(right).entrySet().iterator();
    for (var member : new TreeMap<>(left).entrySet()) {
      var other = others.next();
      order = member.getKey().compareTo(other.getKey());
      if (order == 0) {
        order = compare(member.getValue(), other.getValue());
      }
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }
}
