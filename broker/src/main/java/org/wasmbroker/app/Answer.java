package org.wasmbroker.app;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** One answer of an HTTP endpoint. */
record Answer(int status, String contentType, Content content) {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** The body's bytes, which a record must not hold bare. */
  static final class Content {
    private final byte[] bytes;

    private Content(byte[] bytes) {
      this.bytes = bytes;
    }

    byte[] bytes() {
      return bytes;
    }
  }

  static Answer text(String contentType, String text) {
    return new Answer(200, contentType, new Content(text.getBytes(StandardCharsets.UTF_8)));
  }

  static Answer json(int status, Map<String, ?> value) {
    return new Answer(status, "application/json", new Content(JSON.writeValueAsBytes(value)));
  }

  static Answer error(int status, String error, String message) {
    return json(status, Map.of("error", error, "message", message));
  }
}
