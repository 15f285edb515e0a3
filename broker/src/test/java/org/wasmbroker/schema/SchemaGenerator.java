package org.wasmbroker.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import java.util.function.Supplier;

/**
 * Schemas and values as JSON text, from a source of randomness: mostly good ones, over a small
 * alphabet, so that values meet the limits of schemas and references meet what they name.
 */
final class SchemaGenerator {
  private static final List<String> DIALECTS =
      List.of(
          "https://json-schema.org/draft/2020-12/schema",
          "https://json-schema.org/draft/2019-09/schema",
          "http://json-schema.org/draft-07/schema#",
          "http://json-schema.org/draft-06/schema#",
          "http://json-schema.org/draft-04/schema#",
          "https://example.org/own");

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-0",
          "-0.0",
          "1",
          "1.0",
          "10e-1",
          "2",
          "2.5",
          "3",
          "-1",
          "0.1",
          "0.3",
          "0.30000000000000000001",
          "1e2",
          "100",
          "9007199254740992",
          "9007199254740993",
          "18446744073709551614",
          "18446744073709551615",
          "18446744073709551615.0",
          "123456789012345678901234567890.5",
          "1e400",
          "10e399",
          "-1e400",
          "1e-400",
          "3e1000000000",
          "1e99999999999999999999999");

  private static final List<String> COUNTS =
      List.of("0", "1", "1.0", "2", "20e-1", "3", "1e30", "1e400", "-0", "4294967296");

  private static final List<String> DIVISORS =
      List.of(
          "1",
          "2",
          "0.1",
          "3",
          "7e-3",
          "1e-400",
          "1e400",
          "9007199254740993",
          "170141183460469231731687303715884105727",
          "99999999999999999999999999999999999999");

  private static final List<String> TEXTS =
      List.of(
          "", "a", "b", "ab", "aa", "É", "é", "文", "🐲", "1", "a-b", "a\n", "_", " ", "A1", "ω");

  private static final List<String> NAMES = List.of("a", "b", "c", "É", "a/b", "x~y", "1");

  private static final List<String> TYPES =
      List.of("null", "boolean", "object", "array", "number", "string", "integer");

  private static final List<String> ATOMS =
      List.of(
          "a",
          "b",
          "É",
          "🐲",
          ".",
          "\\d",
          "\\D",
          "\\w",
          "\\W",
          "\\s",
          "\\S",
          "[ab]",
          "[^a]",
          "[a-z]",
          "[\\w-]",
          "[^\\d\\s]",
          "\\p{L}",
          "\\p{Lu}",
          "\\P{L}",
          "\\p{Script=Greek}",
          "\\p{Nd}",
          "\\u0061",
          "\\u{1F432}",
          "\\x61",
          "\\n",
          "\\-",
          "[]",
          "[^]",
          "]",
          "^",
          "$",
          "\\b",
          "\\B",
          "\\p{Emoji}",
          "\\1",
          "{",
          "(?i)",
          "\\q");

  /** Where in the list the assertions begin, and what cannot be used. */
  private static final int ASSERTIONS = ATOMS.indexOf("^");

  private static final int ODDITIES = ATOMS.indexOf("\\p{Emoji}");

  private static final List<String> REPETITIONS =
      List.of("", "", "", "", "*", "+", "?", "{2}", "{0,1}", "{1,}", "*?");

  private static final List<String> REFERENCES =
      List.of(
          "#",
          "#/$defs/a",
          "#/$defs/b",
          "#/$defs/c",
          "#/definitions/a",
          "#n",
          "#m",
          "a.json",
          "b.json",
          "a.json#n",
          "b.json#/properties/a",
          "http://h/dir/a.json",
          "/dir/b.json",
          "#/properties/a",
          "#/allOf/0",
          "#/%24defs/a",
          "#/properties/a~1b",
          "urn:x:y",
          "#/none",
          "https://example.org/other",
          "../b.json",
          "root.json");

  private final Random random;

  /** The dialect of the schema that is being made. */
  private String dialect = DIALECTS.getFirst();

  SchemaGenerator(Random random) {
    this.random = random;
  }

  private boolean isDraft4() {
    return dialect.contains("04");
  }

  private boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  private <T> T any(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private static String quote(String text) {
    var quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '"', '\\' -> quoted.append('\\').appendCodePoint(c);
                case '\n' -> quoted.append("\\n");
                default -> quoted.appendCodePoint(c);
              }
            });
    return quoted.append('"').toString();
  }

  private String list(int least, int most, Supplier<String> element) {
    var list = new StringJoiner(",", "[", "]");
    for (int i = least + random.nextInt(most - least + 1); i > 0; i--) {
      list.add(element.get());
    }
    return list.toString();
  }

  private String object(List<String> names, Supplier<String> element) {
    var object = new StringJoiner(",", "{", "}");
    var left = new ArrayList<>(names);
    for (int i = random.nextInt(4); i > 0; i--) {
      var name = left.remove(random.nextInt(left.size()));
      object.add(quote(name) + ":" + element.get());
    }
    return object.toString();
  }

  /** A value of some type. */
  String value() {
    return value(3);
  }

  private String value(int depth) {
    return switch (random.nextInt(depth > 0 ? 12 : 8)) {
      case 0 -> "null";
      case 1 -> oneIn(2) ? "true" : "false";
      case 2, 3, 4 -> any(NUMBERS);
      case 5, 6, 7 -> quote(any(TEXTS));
      case 8, 9 -> list(0, 3, () -> value(depth - 1));
      default -> object(NAMES, () -> value(depth - 1));
    };
  }

  /** A schema of any dialect, with places for references to point to. */
  String schema() {
    if (oneIn(30)) {
      return anySchema(0);
    }
    var schema = new StringJoiner(",", "{", "}");
    dialect = DIALECTS.getFirst();
    if (oneIn(2)) {
      dialect = any(DIALECTS.subList(0, oneIn(20) ? 6 : 5));
      schema.add("\"$schema\":" + quote(dialect));
    }
    if (oneIn(3)) {
      schema.add(
          "\"%s\":%s"
              .formatted(
                  isDraft4() ? "id" : "$id",
                  quote(any(List.of("http://h/dir/root.json", "urn:x:y", "root.json", "/dir/")))));
    }
    keywords(schema, 3);
    schema.add(
        "\"%s\":{%s,%s,\"c\":%s}"
            .formatted(
                oneIn(10) ? "definitions" : "$defs",
                "\"a\":" + named(),
                "\"b\":" + named(),
                anySchema(2)));
    return schema.toString();
  }

  private String named() {
    var schema = new StringJoiner(",", "{", "}");
    if (oneIn(2)) {
      var ids = List.of("a.json", "b.json", "/dir/b.json", "c.json", "d.json", "#n");
      schema.add(
          "\"%s\":%s"
              .formatted(
                  isDraft4() ? "id" : "$id",
                  quote(any(dialect.startsWith("https") ? ids.subList(0, 5) : ids))));
    }
    if (oneIn(2)) {
      schema.add(
          "\"%s\":%s"
              .formatted(
                  any(List.of("$anchor", "$dynamicAnchor", "$dynamicAnchor")),
                  quote(any(List.of("n", "m")))));
    }
    if (oneIn(8)) {
      schema.add("\"$recursiveAnchor\":true");
    }
    keywords(schema, 2);
    return schema.toString();
  }

  private String anySchema(int depth) {
    if (oneIn(8)) {
      return isDraft4() ? "{}" : oneIn(3) ? "false" : "true";
    }
    var schema = new StringJoiner(",", "{", "}");
    keywords(schema, depth);
    return schema.toString();
  }

  private void keywords(StringJoiner schema, int depth) {
    var used = new ArrayList<String>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      var keyword = any(depth > 0 ? KEYWORDS : KEYWORDS.subList(0, LEAVES));
      if (!used.contains(keyword)) {
        used.add(keyword);
        schema.add(quote(keyword) + ":" + (oneIn(200) ? value(1) : argument(keyword, depth - 1)));
      }
    }
  }

  private static final List<String> KEYWORDS =
      List.of(
          "type",
          "type",
          "enum",
          "const",
          "minimum",
          "maximum",
          "exclusiveMinimum",
          "exclusiveMaximum",
          "multipleOf",
          "minLength",
          "maxLength",
          "pattern",
          "minItems",
          "maxItems",
          "uniqueItems",
          "minProperties",
          "maxProperties",
          "required",
          "dependentRequired",
          "$ref",
          "$dynamicRef",
          "format",
          "title",
          "allOf",
          "anyOf",
          "oneOf",
          "not",
          "if",
          "then",
          "else",
          "properties",
          "properties",
          "patternProperties",
          "additionalProperties",
          "propertyNames",
          "dependencies",
          "dependentSchemas",
          "items",
          "items",
          "prefixItems",
          "additionalItems",
          "contains",
          "minContains",
          "maxContains",
          "unevaluatedItems",
          "unevaluatedProperties",
          "$recursiveRef",
          "contentSchema");

  /** The keywords at the start of the list that hold no schema. */
  private static final int LEAVES = KEYWORDS.indexOf("allOf");

  private String argument(String keyword, int depth) {
    return switch (keyword) {
      case "type" -> oneIn(3) ? list(1, 2, () -> quote(any(TYPES))) : quote(any(TYPES));
      case "enum" -> list(1, 3, () -> value(2));
      case "const" -> value(2);
      case "minimum", "maximum" -> any(NUMBERS);
      case "exclusiveMinimum", "exclusiveMaximum" -> isDraft4() ? "true" : any(NUMBERS);
      case "multipleOf" -> any(DIVISORS);
      case "minLength",
          "maxLength",
          "minItems",
          "maxItems",
          "minProperties",
          "maxProperties",
          "minContains",
          "maxContains" ->
          any(COUNTS);
      case "pattern" -> quote(pattern());
      case "uniqueItems" -> oneIn(5) ? "false" : "true";
      case "required" -> list(0, 2, () -> quote(any(NAMES)));
      case "dependentRequired" -> object(NAMES, () -> list(0, 2, () -> quote(any(NAMES))));
      case "$ref", "$dynamicRef" -> quote(any(oneIn(4) ? REFERENCES : REFERENCES.subList(0, 4)));
      case "$recursiveRef" -> "\"#\"";
      case "format" -> quote(any(List.of("date", "email", "regex")));
      case "title" -> quote(any(TEXTS));
      case "allOf", "anyOf", "oneOf", "prefixItems" -> list(1, 3, () -> anySchema(depth));
      case "properties", "dependentSchemas" -> object(NAMES, () -> anySchema(depth));
      case "patternProperties" ->
          object(List.of(pattern(), pattern(), "^a", "."), () -> anySchema(depth));
      case "dependencies" ->
          object(NAMES, () -> oneIn(2) ? list(0, 2, () -> quote(any(NAMES))) : anySchema(depth));
      case "items" ->
          oneIn(3) && !dialect.equals(DIALECTS.getFirst())
              ? list(1, 2, () -> anySchema(depth))
              : anySchema(depth);
      default -> anySchema(depth);
    };
  }

  private String pattern() {
    return pattern(2);
  }

  private String pattern(int depth) {
    var pattern = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      if (depth > 0 && oneIn(4)) {
        var group = any(List.of("(", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?<n>"));
        pattern.append(group + pattern(depth - 1) + "|" + pattern(depth - 1) + ")");
        if (group.length() < 3 || group.equals("(?:") || group.equals("(?<n>")) {
          pattern.append(any(REPETITIONS));
        }
      } else {
        boolean plain = !oneIn(40);
        pattern.append(any(plain ? ATOMS.subList(0, ASSERTIONS) : ATOMS));
        pattern.append(plain ? any(REPETITIONS) : "");
        pattern.append(plain && oneIn(3) ? any(ATOMS.subList(ASSERTIONS, ODDITIES)) : "");
      }
      pattern.append(oneIn(500) ? "{2,1}" : "");
    }
    return pattern.toString();
  }
}
