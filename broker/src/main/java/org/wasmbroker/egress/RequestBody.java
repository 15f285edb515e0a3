package org.wasmbroker.egress;

import org.wasmbroker.step.Document;
import tools.jackson.databind.JsonNode;

/** The body of a request as the guest wrote it. */
sealed interface RequestBody {
  /** The default content type; empty for none. */
  String contentType();

  record None() implements RequestBody {
    @Override
    public String contentType() {
      return "";
    }
  }

  record Text(String text) implements RequestBody {
    @Override
    public String contentType() {
      return "text/plain; charset=utf-8";
    }

    @Override
    public String toString() {
      return "Text[" + text.length() + " characters]";
    }
  }

  record Json(JsonNode value) implements RequestBody {
    @Override
    public String contentType() {
      return "application/json";
    }

    @Override
    public String toString() {
      return "Json[]";
    }
  }

  record Bytes(Document bytes) implements RequestBody {
    @Override
    public String contentType() {
      return "application/octet-stream";
    }
  }
}
