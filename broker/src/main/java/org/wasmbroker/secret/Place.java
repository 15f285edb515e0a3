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

/** Where in a JSON document the first member or element is that has a value of a secret. */
final class Place {
  private static final int LONGEST = 300;
  private static final int LONGEST_NAME = 60;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(1000)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final JsonParser parser;
  private final Watch watch;
  private final Deque<String> steps = new ArrayDeque<>();

  private Place(JsonParser parser, Watch watch) {
    this.parser = parser;
    this.watch = watch;
  }

  /** A JSON pointer; empty if the value is spread over several, or the text is no JSON. */
  static String of(byte[] text, Watch watch) {
    try (var parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      var place = new Place(parser, watch);
      return parser.nextToken() != null && place.isInValue() ? place.pointer() : "";
    } catch (JacksonException noJson) {
      return "";
    }
  }

  /** Whether it is in the value at which the parser stands; then the steps lead there. */
  private boolean isInValue() {
    return switch (parser.currentToken()) {
      case START_OBJECT -> isInObject();
      case START_ARRAY -> isInArray();
      default -> isIn(parser.getString());
    };
  }

  private boolean isInObject() {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      var name = parser.currentName();
      if (isIn(name)) {
        return true;
      }
      steps.addLast(SafeText.sanitize(name.replace("~", "~0").replace("/", "~1"), LONGEST_NAME));
      parser.nextToken();
      if (isInValue()) {
        return true;
      }
      steps.removeLast();
    }
    return false;
  }

  private boolean isInArray() {
    for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
      steps.addLast(String.valueOf(i));
      if (isInValue()) {
        return true;
      }
      steps.removeLast();
    }
    return false;
  }

  private boolean isIn(String text) {
    return watch.find(text.getBytes(StandardCharsets.UTF_8)).isPresent();
  }

  /** Names are the guest's: what they make together is looked at once more. */
  private String pointer() {
    var pointer = new StringBuilder();
    steps.forEach(step -> pointer.append('/').append(step));
    return SafeText.sanitize(watch.redacted(pointer.toString(), true), LONGEST);
  }
}
