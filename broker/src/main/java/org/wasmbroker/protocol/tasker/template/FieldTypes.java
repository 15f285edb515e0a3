package org.wasmbroker.protocol.tasker.template;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.Names;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The types of values in templates. */
final class FieldTypes {
  static final FieldType FLAG = typed(JsonNode::isBoolean, "true or false");
  static final FieldType ANYTHING = (value, pointer, problems) -> value;
  static final FieldType OBJECT = typed(JsonNode::isObject, "an object");

  /** A JSON Schema; whether it is usable is checked in files only. */
  static final FieldType SCHEMA =
      (value, pointer, problems) -> {
        if (!value.isObject() && !value.isBoolean()) {
          problems.add(
              pointer, "must be a JSON Schema, an object, was " + DocumentValue.describe(value));
        } else if (problems.strict()) {
          var compileError = JsonSchema.of(value).compileError();
          if (compileError != null) {
            problems.add(pointer, "is not a usable JSON Schema: " + compileError);
          }
        }
        return value;
      };

  static final FieldType TEXT = typed(JsonNode::isString, "a string");

  private FieldTypes() {}

  /** A string with a length in characters. */
  static FieldType text(int min, int max) {
    return (value, pointer, problems) -> {
      TEXT.complete(value, pointer, problems);
      if (problems.strict() && value.isString()) {
        var text = value.stringValue();
        int length = text.codePointCount(0, text.length());
        if (length < min || length > max) {
          problems.add(
              pointer, "must have %d to %d characters, has %d".formatted(min, max, length));
        }
      }
      return value;
    };
  }

  /** A name with a maximum length, without invisible characters. */
  static FieldType name(int max) {
    var text = text(1, max);
    return (value, pointer, problems) -> {
      text.complete(value, pointer, problems);
      if (problems.strict() && value.isString() && !isPlain(value.stringValue())) {
        problems.add(pointer, "must not start or end with blanks, nor contain control characters");
      }
      return value;
    };
  }

  private static boolean isPlain(String text) {
    return text.equals(text.strip()) && text.equals(SafeText.sanitize(text, Integer.MAX_VALUE));
  }

  /**
   * A string that matches a pattern; checked in files only.
   *
   * @param what a phrase that describes what it must be like
   */
  static FieldType matching(Pattern pattern, String what) {
    return (value, pointer, problems) -> {
      TEXT.complete(value, pointer, problems);
      if (problems.strict()
          && value.isString()
          && !pattern.matcher(value.stringValue()).matches()) {
        problems.add(pointer, "must %s, was %s".formatted(what, DocumentValue.describe(value)));
      }
      return value;
    };
  }

  /** One of several names. */
  static FieldType oneOf(List<String> names) {
    return (value, pointer, problems) -> {
      if (!value.isString() || !names.contains(value.stringValue())) {
        problems.add(
            pointer,
            Names.notOneOf(value.isString() ? value.stringValue() : value.toString(), names));
      }
      return value;
    };
  }

  /** An integer; the range is checked in files only, beyond what fits into 63 bits. */
  static FieldType number(long min, long max) {
    return (value, pointer, problems) -> {
      if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
        problems.add(pointer, "must be an integer, was " + DocumentValue.describe(value));
      } else if (problems.strict() && (value.longValue() < min || value.longValue() > max)) {
        problems.add(pointer, "must be %d to %d, was %d".formatted(min, max, value.longValue()));
      }
      return value;
    };
  }

  static FieldType listOf(FieldType element) {
    return (value, pointer, problems) -> {
      var list = JsonNodeFactory.instance.arrayNode();
      if (!value.isArray()) {
        problems.add(pointer, "must be an array, was " + DocumentValue.describe(value));
        return list;
      }
      for (int i = 0; i < value.size(); i++) {
        list.add(element.complete(value.get(i), pointer.element(i), problems));
      }
      return list;
    };
  }

  static FieldType mapOf(FieldType element) {
    return (value, pointer, problems) -> {
      var map = JsonNodeFactory.instance.objectNode();
      if (!value.isObject()) {
        problems.add(pointer, "must be an object, was " + DocumentValue.describe(value));
        return map;
      }
      for (var member : value.properties()) {
        var name = member.getKey();
        map.set(name, element.complete(member.getValue(), pointer.member(name), problems));
      }
      return map;
    };
  }

  private static FieldType typed(Predicate<JsonNode> fits, String expected) {
    return (value, pointer, problems) -> {
      if (!fits.test(value)) {
        problems.add(
            pointer,
            "must be %s, was %s%s"
                .formatted(
                    expected,
                    DocumentValue.describe(value),
                    value.isNumber() && expected.equals("a string") ? ": put it in quotes" : ""));
      }
      return value;
    };
  }
}
