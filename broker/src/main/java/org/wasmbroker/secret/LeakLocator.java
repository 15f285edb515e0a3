package org.wasmbroker.secret;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.wasmbroker.step.SafeText;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** Finds the first member or element of a JSON document that contains the value of a secret. */
final class LeakLocator {
  private static final int MAX_LENGTH = 300;
  private static final int MAX_NAME_LENGTH = 60;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(1000)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final JsonParser parser;
  private final LeakScanner scanner;
  private final Deque<String> segments = new ArrayDeque<>();

  private LeakLocator(JsonParser parser, LeakScanner scanner) {
    this.parser = parser;
    this.scanner = scanner;
  }

  /** A JSON pointer; empty if the value is spread over several members or the text is not JSON. */
  static String locate(byte[] text, LeakScanner scanner) {
    try (var parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      var pointer = new LeakLocator(parser, scanner);
      return parser.nextToken() != null && pointer.valueContains() ? pointer.pointer() : "";
    } catch (JacksonException notJson) {
      return "";
    }
  }

  /** Whether the parser's current value contains a secret; if so, the segments lead there. */
  private boolean valueContains() {
    return switch (parser.currentToken()) {
      case START_OBJECT -> objectContains();
      case START_ARRAY -> arrayContains();
      default -> textContains(parser.getString());
    };
  }

  private boolean objectContains() {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      var name = parser.currentName();
      if (textContains(name)) {
        return true;
      }
      segments.addLast(
          SafeText.sanitize(name.replace("~", "~0").replace("/", "~1"), MAX_NAME_LENGTH));
      parser.nextToken();
      if (valueContains()) {
        return true;
      }
      segments.removeLast();
    }
    return false;
  }

  private boolean arrayContains() {
    for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
      segments.addLast(String.valueOf(i));
      if (valueContains()) {
        return true;
      }
      segments.removeLast();
    }
    return false;
  }

  private boolean textContains(String text) {
    return scanner.find(text.getBytes(StandardCharsets.UTF_8)).isPresent();
  }

  /** Names are chosen by the guest: their concatenation is redacted as well. */
  private String pointer() {
    var pointer = new StringBuilder();
    segments.forEach(segment -> pointer.append('/').append(segment));
    return SafeText.sanitize(scanner.redact(pointer.toString(), true), MAX_LENGTH);
  }
}
