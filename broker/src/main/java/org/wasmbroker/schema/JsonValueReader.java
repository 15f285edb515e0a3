package org.wasmbroker.schema;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.json.JsonMapper;

/** Reads a document by a loop, with text and numbers of any length. */
final class JsonValueReader {
  /** As deep as handlers of the catalog read. */
  private static final int MAX_DEPTH = 512;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .recyclerPool(JsonRecyclerPools.threadLocalPool())
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(Integer.MAX_VALUE)
                          .maxNameLength(Integer.MAX_VALUE)
                          .maxNumberLength(Integer.MAX_VALUE)
                          .maxNestingDepth(Integer.MAX_VALUE)
                          .build())
                  .build())
          .build();

  private final JsonParser parser;
  private final Deque<Container> open = new ArrayDeque<>();

  private JsonValueReader(JsonParser parser) {
    this.parser = parser;
  }

  static JsonValue read(Document document) {
    try (var parser = JSON.createParser(document.bytes())) {
      return new JsonValueReader(parser).read();
    }
  }

  /** An array or an object whose end has not come yet. */
  private sealed interface Container {
    void add(String name, JsonValue value);

    JsonValue close();

    record OfItems(List<JsonValue> values) implements Container {
      @Override
      public void add(String name, JsonValue value) {
        values.add(value);
      }

      @Override
      public JsonValue close() {
        return new JsonValue.Items(values);
      }
    }

    record OfMembers(Map<String, JsonValue> values) implements Container {
      @Override
      public void add(String name, JsonValue value) {
        values.put(name, value);
      }

      @Override
      public JsonValue close() {
        return new JsonValue.Members(values);
      }
    }
  }

  private JsonValue read() {
    @Nullable JsonValue done = null;
    var names = new ArrayDeque<String>();
    var name = "";
    for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
      if (done != null) {
        throw new StreamReadException(parser, "a second value follows");
      }
      var value = complete(token);
      if (token == JsonToken.PROPERTY_NAME) {
        name = parser.currentName();
      } else if (value == null) {
        names.push(name);
        name = "";
      } else {
        if (token == JsonToken.END_ARRAY || token == JsonToken.END_OBJECT) {
          name = names.pop();
        }
        var around = open.peek();
        if (around == null) {
          done = value;
        } else {
          around.add(name, value);
        }
      }
    }
    if (done == null) {
      throw new StreamReadException(parser, "there is no value");
    }
    return done;
  }

  /** The value that a token completes; null if it begins one, or is a name. */
  private @Nullable JsonValue complete(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> begin(new Container.OfMembers(new LinkedHashMap<>()));
      case START_ARRAY -> begin(new Container.OfItems(new ArrayList<>()));
      case END_OBJECT, END_ARRAY -> open.pop().close();
      case VALUE_STRING -> new JsonValue.Text(parser.getString());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonValue.Num(parser.getString());
      case VALUE_TRUE -> new JsonValue.Bool(true);
      case VALUE_FALSE -> new JsonValue.Bool(false);
      case VALUE_NULL -> new JsonValue.Null();
      case PROPERTY_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> null;
    };
  }

  private @Nullable JsonValue begin(Container container) {
    if (open.size() >= MAX_DEPTH) {
      throw new StreamReadException(parser, "it is nested deeper than " + MAX_DEPTH + " levels");
    }
    open.push(container);
    return null;
  }
}
