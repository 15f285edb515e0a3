package org.wasmbroker.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Step documents like known ones of the same handler: parts of them exchanged, removed, repeated
 * and replaced by values at which programs go wrong. The same seed gives the same documents.
 */
final class DocumentGenerator {
  /** Of known documents; those that are deeper are left out. Generated ones may be deeper. */
  private static final int MAX_DEPTH = 2_000;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .streamWriteConstraints(
                      StreamWriteConstraints.builder().maxNestingDepth(100 * MAX_DEPTH).build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
          .build();

  /** What is rarely in a recorded case, as JSON. */
  private static final List<String> EDGES =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "-0",
          "-0.0",
          "1.0",
          "0.1",
          "1e-7",
          "1e17",
          "1e308",
          "1e400",
          "9007199254740993",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775808",
          "123456789012345678901234567890",
          "3.141592653589793238462643",
          "\"\"",
          "\" \"",
          "\"0\"",
          "\"1e3\"",
          "\"nan\"",
          "\"a\\nb\\t\\\"\\\\\"",
          "\"\\u0001\\u007f\\u0085\\u2028\"",
          "\"ß\\u0130ſ\\u1e9e\"",
          "\"e\\u0301\\ud83d\\udc69\\u200d\\ud83d\\udcbb\"",
          "\"${context.a}\"",
          "\"2026-02-29T24:00:00Z\"",
          "[]",
          "[[]]",
          "[null,false,0,\"\",[],{}]",
          "{}",
          "{\"\":{\"\":[]}}",
          "{\"a\":1,\"A\":2,\"á\":3,\"10\":4,\"9\":5}");

  private static final List<String> PARTS = List.of("config", "context", "deps", "prev", "step");

  private final Random random;
  private final List<ObjectNode> known;
  private final List<JsonNode> values = new ArrayList<>();

  /**
   * @param documents step documents; those that are no JSON objects are left out
   */
  DocumentGenerator(long seed, List<String> documents) {
    random = new Random(seed);
    known = documents.stream().map(DocumentGenerator::objectOf).flatMap(List::stream).toList();
    known.forEach(this::collect);
    EDGES.forEach(edge -> values.add(JSON.readTree(edge)));
  }

  private static List<ObjectNode> objectOf(String document) {
    return read(document) instanceof ObjectNode object ? List.of(object) : List.of();
  }

  private void collect(JsonNode node) {
    if (node.size() <= 20) {
      values.add(node);
      node.forEach(this::collect);
    }
  }

  /** The next document. */
  String next() {
    var document = pick(known).deepCopy();
    if (random.nextInt(2) == 0) {
      exchangePart(document);
    }
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      change(document);
    }
    return JSON.writeValueAsString(document);
  }

  /** JSON like this one, with parts exchanged, removed, repeated and replaced as in documents. */
  String like(String json) {
    var value = read(json);
    if (!value.isContainer()) {
      return JSON.writeValueAsString(value(value));
    }
    for (int changes = random.nextInt(3); changes > 0; changes--) {
      change(value);
    }
    return JSON.writeValueAsString(value);
  }

  /** Of a text; a missing node if it is no JSON, or deeper than known documents are. */
  static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (JacksonException unreadable) {
      return MissingNode.getInstance();
    }
  }

  /**
   * Such as the context of another document: its configuration meets data that it does not expect.
   */
  private void exchangePart(ObjectNode document) {
    var part = pick(PARTS);
    var other = pick(known).get(part);
    if (other == null) {
      document.remove(part);
    } else {
      document.set(part, other.deepCopy());
    }
  }

  private void change(JsonNode container) {
    var places = new ArrayList<JsonNode>();
    places(container, places);
    switch (pick(places)) {
      case ObjectNode object -> changeMember(object);
      case ArrayNode array -> changeElement(array);
      default -> throw new IllegalStateException("only containers are places");
    }
  }

  /** All containers that have something, and one that has nothing if there is none. */
  private static void places(JsonNode node, List<JsonNode> places) {
    if (node.isContainer() && (!node.isEmpty() || places.isEmpty())) {
      places.add(node);
    }
    node.forEach(child -> places(child, places));
  }

  private void changeMember(ObjectNode object) {
    var names = List.copyOf(object.propertyNames());
    var name = names.isEmpty() ? "a" : pick(names);
    switch (random.nextInt(6)) {
      case 0 -> object.remove(name);
      case 1 -> object.set(name + pick(List.of("x", "_", "ß", " ")), value(null));
      default -> object.set(name, value(object.get(name)));
    }
  }

  private void changeElement(ArrayNode array) {
    int at = array.isEmpty() ? 0 : random.nextInt(array.size());
    switch (array.isEmpty() ? 1 : random.nextInt(5)) {
      case 0 -> array.remove(at);
      case 1 -> array.insert(at, value(null));
      case 2 -> array.add(array.get(at).deepCopy());
      default -> array.set(at, value(array.get(at)));
    }
  }

  /** Any value, or for a text another one of which it is a part. */
  private JsonNode value(@Nullable JsonNode before) {
    if (before != null && before.isString() && random.nextInt(3) == 0) {
      return JSON.getNodeFactory().stringNode(text(before.stringValue()));
    }
    return pick(values).deepCopy();
  }

  private String text(String before) {
    int at =
        before.isEmpty() ? 0 : before.offsetByCodePoints(0, random.nextInt(codePoints(before)));
    var more = pick(values);
    var inserted = more.isString() ? more.stringValue() : JSON.writeValueAsString(more);
    return switch (random.nextInt(3)) {
      case 0 -> before.substring(0, at) + inserted + before.substring(at);
      case 1 -> before.substring(at);
      default -> before.substring(0, at);
    };
  }

  private static int codePoints(String text) {
    return text.codePointCount(0, text.length());
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
