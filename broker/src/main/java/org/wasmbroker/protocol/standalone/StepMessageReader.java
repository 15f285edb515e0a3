package org.wasmbroker.protocol.standalone;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.standalone.StepMessage.Slice;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.JsonNesting;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * Reads a message in one pass, without building a tree. It accepts exactly what the schema {@code
 * docs/step-message.schema.json} accepts, as a test ensures; {@link StepMessageSchema} explains why
 * a message is refused. Duplicate members are not detected, since Postgres keeps only one of them.
 */
final class StepMessageReader {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .recyclerPool(JsonRecyclerPools.threadLocalPool())
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(JsonNesting.MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();
  private static final int UUID_LENGTH = 36;

  private final JsonParser json;
  private @Nullable UUID step;
  private @Nullable UUID task;
  private @Nullable UUID correlation;
  private @Nullable String name;
  private @Nullable String handler;
  private @Nullable String version;
  private @Nullable Integer maxAttempts;
  private @Nullable Integer timeoutMillis;
  private Slice config = Slice.NONE;
  private Slice input = Slice.NONE;
  private Slice deps = Slice.NONE;

  private StepMessageReader(JsonParser json) {
    this.json = json;
  }

  /** The step, or null if the message is not a valid one. */
  static @Nullable StepMessage read(Document message) {
    try (var json = JSON.createParser(ObjectReadContext.empty(), message.bytes())) {
      return new StepMessageReader(json).read();
    } catch (JacksonException | IllegalArgumentException invalid) {
      return null;
    }
  }

  private @Nullable StepMessage read() {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      return null;
    }
    for (var member = json.nextName(); member != null; member = json.nextName()) {
      json.nextToken();
      if (!member(member)) {
        return null;
      }
    }
    if (json.nextToken() != null || step == null || handler == null) {
      return null;
    }
    return new StepMessage(
        new StepIds(new StepId(step), task, correlation),
        name,
        new HandlerRef(handler, version),
        maxAttempts,
        timeoutMillis == null ? null : Duration.ofMillis(timeoutMillis),
        config,
        input,
        deps);
  }

  /** Reads one member's value; false if it is not valid. */
  private boolean member(String member) {
    return switch (member) {
      case "step_uuid" -> isText() && (step = uuid()) != null;
      case "handler" -> isText() && (handler = json.getString()) != null;
      case "task_uuid" -> {
        task = isNull() ? null : uuid();
        yield isNull() || task != null;
      }
      case "correlation_id" -> {
        correlation = isNull() ? null : uuid();
        yield isNull() || correlation != null;
      }
      case "name" -> {
        name = isText() ? json.getString() : null;
        yield isNull() || isName(name);
      }
      case "version" -> {
        version = isText() ? json.getString() : null;
        yield isNull() || version != null;
      }
      case "max_attempts" -> {
        maxAttempts = isNull() ? null : integer(StepMessage.MAX_ATTEMPTS);
        yield isNull() || maxAttempts != null;
      }
      case "timeout_ms" -> {
        timeoutMillis = isNull() ? null : integer(StepMessage.MAX_TIMEOUT.toMillis());
        yield isNull() || timeoutMillis != null;
      }
      case "config" -> {
        boolean fits = isNull() || json.currentToken() == JsonToken.START_OBJECT;
        config = isNull() ? Slice.NONE : slice();
        yield fits;
      }
      case "deps" -> {
        boolean fits = isNull() || json.currentToken() == JsonToken.START_OBJECT;
        deps = isNull() ? Slice.NONE : slice();
        yield fits;
      }
      case "input" -> {
        input = slice();
        yield true;
      }
      default -> false;
    };
  }

  private boolean isNull() {
    return json.currentToken() == JsonToken.VALUE_NULL;
  }

  private boolean isText() {
    return json.currentToken() == JsonToken.VALUE_STRING;
  }

  private static boolean isName(@Nullable String name) {
    return name != null
        && !name.isEmpty()
        && name.codePointCount(0, name.length()) <= StepMessage.MAX_NAME_LENGTH;
  }

  /** A UUID in its canonical form; {@link UUID#fromString} would accept shorter ones as well. */
  private @Nullable UUID uuid() {
    if (!isText()) {
      return null;
    }
    var text = json.getString();
    if (text.length() != UUID_LENGTH) {
      return null;
    }
    for (int i = 0; i < UUID_LENGTH; i++) {
      boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
      char at = text.charAt(i);
      if (dash ? at != '-' : at >= 128 || Character.digit(at, 16) < 0) {
        return null;
      }
    }
    return UUID.fromString(text);
  }

  /** An integer from 1 to the maximum; in JSON Schema, 3.0 and 3e0 are integers too. */
  private @Nullable Integer integer(long max) {
    if (!json.currentToken().isNumeric()) {
      return null;
    }
    var value = json.getDecimalValue();
    if (value.signum() <= 0
        || value.compareTo(BigDecimal.valueOf(max)) > 0
        || value.stripTrailingZeros().scale() > 0) {
      return null;
    }
    return value.intValueExact();
  }

  private Slice slice() {
    int start = Math.toIntExact(json.currentTokenLocation().getByteOffset());
    json.skipChildren();
    json.finishToken();
    return new Slice(start, Math.toIntExact(json.currentLocation().getByteOffset()));
  }
}
