package org.wasmbroker.recording;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.StepError;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** One line of a recording while it is written: a JSON object. */
final class Line implements AutoCloseable {
  private static final JsonFactory JSON = new JsonFactory();

  private final ByteArrayOutputStream to;
  private final JsonGenerator json;

  Line(ByteArrayOutputStream to) {
    this.to = to;
    this.json = JSON.createGenerator(ObjectWriteContext.empty(), to);
    json.writeStartObject();
  }

  JsonGenerator json() {
    return json;
  }

  Line text(String name, String value) {
    json.writeStringProperty(name, value);
    return this;
  }

  Line textIfAny(String name, @Nullable Object value) {
    if (value != null) {
      json.writeStringProperty(name, value.toString());
    }
    return this;
  }

  Line number(String name, long value) {
    json.writeNumberProperty(name, value);
    return this;
  }

  Line flag(String name, boolean value) {
    json.writeBooleanProperty(name, value);
    return this;
  }

  /** Bytes as they are: as text if they are UTF-8, or else in base64. */
  Line bytes(String name, Document value) {
    json.writeObjectPropertyStart(name);
    var text = utf8(value.bytes());
    if (text == null) {
      json.writeStringProperty("base64", Base64.getEncoder().encodeToString(value.bytes()));
    } else {
      json.writeStringProperty("text", text);
    }
    json.writeEndObject();
    return this;
  }

  Line bytesIfAny(String name, @Nullable Document value) {
    return value == null ? this : bytes(name, value);
  }

  private static @Nullable String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException binary) {
      return null;
    }
  }

  Line numbers(String name, Map<String, Long> values) {
    json.writeObjectPropertyStart(name);
    new TreeMap<>(values).forEach(json::writeNumberProperty);
    json.writeEndObject();
    return this;
  }

  Line checkpoint(Checkpoint written) {
    return number("items_processed", written.itemsProcessed())
        .bytes("cursor", written.cursor())
        .bytesIfAny("accumulated", written.accumulated());
  }

  Line error(String name, StepError error) {
    json.writeObjectPropertyStart(name);
    text("type", error.type()).text("message", error.message());
    flag("retryable", error.retryable());
    textIfAny("code", error.code());
    textIfAny("retry_after", error.retryAfter());
    if (!error.backtrace().isEmpty()) {
      json.writeArrayPropertyStart("backtrace");
      error.backtrace().forEach(json::writeString);
      json.writeEndArray();
    }
    switch (error.context()) {
      case null -> {}
      case ErrorContext.Json(var document) -> bytes("context", document);
      case ErrorContext.ExceededLimit(var limit, var unit, var allowed, var used) -> {
        json.writeObjectPropertyStart("exceeded");
        text("limit", limit).text("unit", unit).number("allowed", allowed).number("used", used);
        json.writeEndObject();
      }
    }
    json.writeEndObject();
    return this;
  }

  @Override
  public void close() {
    json.writeEndObject();
    json.close();
    to.write('\n');
  }
}
