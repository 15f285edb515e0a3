package org.wasmbroker.protocol.tasker.claim;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Two JSON objects as one: members of the upper one hide those of the lower one. */
final class JsonOverlay {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonOverlay() {}

  /**
   * @param base a JSON object
   * @param overlay a JSON object, or null for none
   * @return the members of both, their values as the bytes that they were
   */
  static String of(Document base, @Nullable String overlay) {
    if (overlay == null) {
      return base.text();
    }
    var baseText = base.text();
    var members = members(baseText);
    if (members.isEmpty()) {
      return overlay;
    }
    members.putAll(members(overlay));
    var text = new StringBuilder(baseText.length() + overlay.length());
    var separator = "{";
    for (var member : members.entrySet()) {
      text.append(separator).append(member.getKey()).append(':').append(member.getValue());
      separator = ",";
    }
    return text.append('}').toString();
  }

  /** Quoted names and values, in order; nothing for what is no object. */
  private static Map<String, String> members(String object) {
    var members = new LinkedHashMap<String, String>();
    try (var parser = JSON.createParser(ObjectReadContext.empty(), object)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return members;
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        var name = StepDocuments.quote(parser.currentName());
        parser.nextToken();
        int start = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        parser.finishToken();
        int end = (int) parser.currentLocation().getCharOffset();
        members.put(name, object.substring(start, end));
      }
    }
    return members;
  }
}
