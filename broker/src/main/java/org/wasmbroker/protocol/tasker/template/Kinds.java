package org.wasmbroker.protocol.tasker.template;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.NearestName;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The kinds of values in templates. */
final class Kinds {
  static final Kind FLAG = typed(JsonNode::isBoolean, "true or false");
  static final Kind ANYTHING = (value, place, findings) -> value;
  static final Kind OBJECT = typed(JsonNode::isObject, "an object");

  /** A JSON Schema; whether it can be used is checked in files only. */
  static final Kind SCHEMA =
      (value, place, findings) -> {
        if (!value.isObject() && !value.isBoolean()) {
          findings.problem(place, "must be a JSON Schema, an object, was " + shown(value));
        } else if (findings.strict()) {
          var fault = JsonSchema.of(value).compileError();
          if (fault != null) {
            findings.problem(place, "is no JSON Schema that can be used: " + fault);
          }
        }
        return value;
      };

  static final Kind TEXT = typed(JsonNode::isString, "text");

  private Kinds() {}

  /** Text of some length, in characters. */
  static Kind text(int least, int most) {
    return (value, place, findings) -> {
      TEXT.complete(value, place, findings);
      if (findings.strict() && value.isString()) {
        var text = value.stringValue();
        int length = text.codePointCount(0, text.length());
        if (length < least || length > most) {
          findings.problem(
              place, "must have %d to %d characters, has %d".formatted(least, most, length));
        }
      }
      return value;
    };
  }

  /** A name of some length, with nothing in it that does not show. */
  static Kind name(int most) {
    var text = text(1, most);
    return (value, place, findings) -> {
      text.complete(value, place, findings);
      if (findings.strict() && value.isString() && !isPlain(value.stringValue())) {
        findings.problem(
            place, "must not begin or end with blanks, nor have control characters in it");
      }
      return value;
    };
  }

  private static boolean isPlain(String text) {
    return text.equals(text.strip()) && text.equals(SafeText.sanitize(text, Integer.MAX_VALUE));
  }

  /**
   * Text of some form; checked in files only.
   *
   * @param what a half sentence that says what it must be like
   */
  static Kind matching(Pattern pattern, String what) {
    return (value, place, findings) -> {
      TEXT.complete(value, place, findings);
      if (findings.strict()
          && value.isString()
          && !pattern.matcher(value.stringValue()).matches()) {
        findings.problem(place, "must %s, was %s".formatted(what, shown(value)));
      }
      return value;
    };
  }

  /** One of some words. */
  static Kind word(List<String> words) {
    return (value, place, findings) -> {
      if (!value.isString() || !words.contains(value.stringValue())) {
        var given = value.isString() ? value.stringValue() : value.toString();
        var near = NearestName.of(given, words);
        findings.problem(
            place,
            "must be one of %s, was '%s'%s"
                .formatted(
                    String.join(", ", words),
                    SafeText.sanitize(given, 60),
                    near.map(word -> "; did you mean '" + word + "'?").orElse("")));
      }
      return value;
    };
  }

  /** A whole number; the range is checked in files only, beyond what fits 63 bits. */
  static Kind number(long least, long most) {
    return (value, place, findings) -> {
      if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
        findings.problem(place, "must be a whole number, was " + shown(value));
      } else if (findings.strict() && (value.longValue() < least || value.longValue() > most)) {
        findings.problem(
            place, "must be %d to %d, was %d".formatted(least, most, value.longValue()));
      }
      return value;
    };
  }

  static Kind listOf(Kind element) {
    return (value, place, findings) -> {
      var list = JsonNodeFactory.instance.arrayNode();
      if (!value.isArray()) {
        findings.problem(place, "must be a list, was " + shown(value));
        return list;
      }
      for (int i = 0; i < value.size(); i++) {
        list.add(element.complete(value.get(i), place.element(i), findings));
      }
      return list;
    };
  }

  static Kind mapOf(Kind element) {
    return (value, place, findings) -> {
      var map = JsonNodeFactory.instance.objectNode();
      if (!value.isObject()) {
        findings.problem(place, "must be an object, was " + shown(value));
        return map;
      }
      for (var member : value.properties()) {
        var name = member.getKey();
        map.set(name, element.complete(member.getValue(), place.member(name), findings));
      }
      return map;
    };
  }

  private static Kind typed(Predicate<JsonNode> fits, String expected) {
    return (value, place, findings) -> {
      if (!fits.test(value)) {
        findings.problem(
            place,
            "must be %s, was %s%s"
                .formatted(
                    expected,
                    shown(value),
                    expected.equals("text") && value.isNumber() ? ": put it in quotes" : ""));
      }
      return value;
    };
  }

  private static String shown(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> "a list";
      case OBJECT -> "an object";
      case STRING -> "'" + SafeText.sanitize(value.stringValue(), 60) + "'";
      default -> SafeText.sanitize(value.toString(), 60);
    };
  }
}
