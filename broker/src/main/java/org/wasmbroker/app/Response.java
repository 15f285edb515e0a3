package org.wasmbroker.app;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A response of an HTTP endpoint. */
record Response(int status, String contentType, Body body) {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** The body; wraps the bytes, because a record must not have an array component. */
  static final class Body {
    private final byte[] bytes;

    private Body(byte[] bytes) {
      this.bytes = bytes;
    }

    byte[] bytes() {
      return bytes;
    }
  }

  static Response text(String contentType, String text) {
    return new Response(200, contentType, new Body(text.getBytes(StandardCharsets.UTF_8)));
  }

  static Response json(int status, Map<String, ?> value) {
    return new Response(status, "application/json", new Body(JSON.writeValueAsBytes(value)));
  }

  static Response error(int status, String error, String message) {
    return json(status, Map.of("error", error, "message", message));
  }
}
