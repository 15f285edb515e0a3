package org.wasmbroker.example;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Changes what the examples of a manifest expect, and leaves everything else of its text as a
 * person wrote it.
 */
public final class ManifestEditor {
  private static final JsonFactory JSON = new JsonFactory();
  private static final JsonMapper MAPPER = JsonMapper.shared();
  private static final int MAX_LINE = 100;

  /** Where the expectation of an example is in the text. */
  private record Span(String example, int begin, int end) {}

  private ManifestEditor() {}

  /**
   * The text with other expectations.
   *
   * @param manifest a valid manifest
   * @param expectations by the examples' names
   */
  public static String withExpectations(String manifest, Map<String, JsonNode> expectations) {
    var text = new StringBuilder(manifest);
    spans(manifest).stream()
        .filter(span -> expectations.containsKey(span.example()))
        .sorted(Comparator.comparingInt(Span::begin).reversed())
        .forEach(
            span ->
                text.replace(
                    span.begin(),
                    span.end(),
                    print(expectations.get(span.example()), indentation(manifest, span.begin()))));
    return text.toString();
  }

  private static List<Span> spans(String manifest) {
    var spans = new ArrayList<Span>();
    try (var parser = JSON.createParser(ObjectReadContext.empty(), manifest)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean examples = parser.currentName().equals("examples");
        parser.nextToken();
        if (examples) {
          while (parser.nextToken() == JsonToken.START_OBJECT) {
            spans.add(example(parser));
          }
        } else {
          parser.skipChildren();
        }
      }
    }
    return spans;
  }

  private static Span example(JsonParser parser) {
    @Nullable String name = null;
    int begin = 0;
    int end = 0;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      var member = parser.currentName();
      var value = parser.nextToken();
      if (member.equals("name") && value == JsonToken.VALUE_STRING) {
        name = parser.getString();
      }
      int start = (int) parser.currentTokenLocation().getCharOffset();
      parser.skipChildren();
      if (member.equals("expect")) {
        begin = start;
        end = (int) parser.currentLocation().getCharOffset();
      }
    }
    if (name == null || end == 0) {
      throw new IllegalArgumentException("an example without name and expectation");
    }
    return new Span(name, begin, end);
  }

  private static String indentation(String text, int at) {
    int line = text.lastIndexOf('\n', at - 1) + 1;
    int end = line;
    while (end < at && (text.charAt(end) == ' ' || text.charAt(end) == '\t')) {
      end++;
    }
    return text.substring(line, end);
  }

  private static String print(@Nullable JsonNode value, String indentation) {
    var compact = MAPPER.writeValueAsString(value);
    return compact.length() <= MAX_LINE
        ? compact
        : MAPPER
            .writerWithDefaultPrettyPrinter()
            .writeValueAsString(value)
            .replaceAll("\\R", "\n" + indentation);
  }
}
