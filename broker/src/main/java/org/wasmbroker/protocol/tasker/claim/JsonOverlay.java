package org.wasmbroker.protocol.tasker.claim;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** A JSON object that others are merged into: their members replace those of the same name. */
final class JsonOverlay {
  private static final JsonFactory JSON = new JsonFactory();

  private final String base;
  private final Map<String, String> members;

  /**
   * @param base a JSON object
   */
  JsonOverlay(Document base) {
    this.base = base.text();
    this.members = members(this.base);
  }

  /**
   * @param overlay a JSON object, or null for none
   * @return the members of both, their values unchanged byte for byte
   */
  String apply(@Nullable String overlay) {
    if (overlay == null) {
      return base;
    }
    if (members.isEmpty()) {
      return overlay;
    }
    var merged = new LinkedHashMap<>(members);
    merged.putAll(members(overlay));
    var text = new StringBuilder(base.length() + overlay.length());
    var separator = "{";
    for (var member : merged.entrySet()) {
      text.append(separator).append(member.getKey()).append(':').append(member.getValue());
      separator = ",";
    }
    return text.append('}').toString();
  }

  /** Quoted names and values, in order; empty if it is not an object. */
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
