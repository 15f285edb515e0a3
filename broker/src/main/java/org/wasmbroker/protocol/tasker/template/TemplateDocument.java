package org.wasmbroker.protocol.tasker.template;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.SafeText;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;

/** A YAML or JSON file as a tree that knows its lines. It collects the problems of its template. */
final class TemplateDocument implements ProblemCollector {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final String file;
  private final Map<String, Integer> lines = new HashMap<>();
  private final List<String> problems = new ArrayList<>();
  private JsonNode root = JSON.missingNode();

  private TemplateDocument(String file) {
    this.file = file;
  }

  static TemplateDocument read(String file, byte[] content) {
    var tree = new TemplateDocument(file);
    try (var parser = parser(file, content)) {
      tree.parse(parser);
    } catch (JacksonException e) {
      var at = e.getLocation();
      tree.problems.add(
          "%s: %scannot be read: %s"
              .formatted(
                  file,
                  at == null ? "" : "line " + at.getLineNr() + ": ",
                  SafeText.sanitize(e.getOriginalMessage().lines().findFirst().orElse(""), 200)));
    }
    return tree;
  }

  private static JsonParser parser(String file, byte[] content) {
    return file.endsWith(".json")
        ? new JsonMapper().createParser(content)
        : new YAMLMapper().createParser(content);
  }

  JsonNode root() {
    return root;
  }

  List<String> problems() {
    return problems;
  }

  @Override
  public boolean strict() {
    return true;
  }

  @Override
  public void add(JsonPointer pointer, String what) {
    var line = line(pointer.value());
    problems.add(
        "%s: %s%s: %s".formatted(file, pointer, line == null ? "" : " (line " + line + ")", what));
  }

  /** The line of the value, or of the nearest one that it would be part of. */
  private @Nullable Integer line(String pointer) {
    var line = lines.get(pointer);
    return line != null || pointer.isEmpty()
        ? line
        : line(pointer.substring(0, pointer.lastIndexOf('/')));
  }

  private void parse(JsonParser parser) {
    if (parser.nextToken() == null) {
      problems.add(file + ": is empty");
      return;
    }
    root = value(parser, JsonPointer.ROOT);
    if (parser.nextToken() != null) {
      add(JsonPointer.ROOT, "is followed by a second one; a file has one template");
    }
  }

  private JsonNode number(JsonParser parser, JsonPointer pointer) {
    try {
      return JSON.numberNode(parser.getDecimalValue());
    } catch (NumberFormatException beyond) {
      add(pointer, "is a number with too large an exponent");
      return JSON.nullNode();
    }
  }

  private JsonNode value(JsonParser parser, JsonPointer pointer) {
    lines.putIfAbsent(pointer.value(), parser.currentTokenLocation().getLineNr());
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      add(pointer, "is an alias (*), which is not followed here: write the value out");
      return JSON.nullNode();
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, pointer);
      case START_ARRAY -> list(parser, pointer);
      case VALUE_STRING -> JSON.stringNode(parser.getString());
      case VALUE_TRUE, VALUE_FALSE -> JSON.booleanNode(parser.getBooleanValue());
      case VALUE_NULL -> JSON.nullNode();
      case VALUE_NUMBER_INT -> JSON.numberNode(parser.getBigIntegerValue());
      case VALUE_NUMBER_FLOAT -> {
        if (parser.isNaN()) {
          add(pointer, "is no number that JSON has");
          yield JSON.nullNode();
        }
        yield number(parser, pointer);
      }
      default -> {
        add(pointer, "is nothing that JSON has");
        yield JSON.nullNode();
      }
    };
  }

  private JsonNode object(JsonParser parser, JsonPointer pointer) {
    var object = JSON.objectNode();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      var name = parser.currentName();
      var at = pointer.member(name);
      lines.put(at.value(), parser.currentTokenLocation().getLineNr());
      if (object.has(name)) {
        add(at, "stands there twice");
      }
      parser.nextToken();
      object.set(name, value(parser, at));
    }
    return object;
  }

  private JsonNode list(JsonParser parser, JsonPointer pointer) {
    var list = JSON.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(parser, pointer.element(list.size())));
    }
    return list;
  }
}
