package org.wasmbroker.execution;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Names;
import org.wasmbroker.document.Problem;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.StepError;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * Reads a result document in one pass and extracts the result value byte for byte. Anything outside
 * the ABI is rejected with its name and location: unknown, duplicate and missing members, and
 * nesting beyond {@link LimitKind#OUTPUT_DEPTH}. Each instance is used once.
 */
final class ResultReader {
  /** JSON readers downstream stop at 128 levels, and the result is wrapped a few times. */
  private static final int DEPTH = (int) LimitKind.OUTPUT_DEPTH.defaultValue();

  private static final Location SOURCE = Location.of("the result document");
  private static final List<String> STATUSES = List.of("completed", "failed", "checkpoint");
  private static final List<String> MEMBERS =
      List.of("status", "result", "error", "cursor", "items_processed", "accumulated_results");
  private static final List<String> ERROR_MEMBERS =
      List.of("type", "message", "retryable", "code", "retry_after_ms", "context", "sent");

  private static final int TYPE_CHARS = 100;
  private static final int MESSAGE_CHARS = 4000;

  /** Far beyond what {@link RetryPolicy} allows, and small enough for every reader. */
  private static final Duration MAX_RETRY_AFTER = Duration.ofDays(365);

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .recyclerPool(JsonRecyclerPools.threadLocalPool())
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final byte[] bytes;
  private final JsonParser parser;
  private @Nullable String status;
  private @Nullable Document result;
  private @Nullable StepError error;
  private @Nullable Document cursor;
  private @Nullable Document accumulated;
  private long itemsProcessed;

  private ResultReader(byte[] bytes, JsonParser parser) {
    this.bytes = bytes;
    this.parser = parser;
  }

  static ResultDocument read(Document output) {
    var bytes = output.bytes();
    try {
      if (startsLikeUtf16(bytes)) {
        throw new InvalidResultException("", "is not UTF-8");
      }
      try (var parser = JSON.createParser(ObjectReadContext.empty(), bytes)) {
        var document = new ResultReader(bytes, parser).document();
        var problem = StorableJson.problem(bytes);
        return problem == null
            ? document
            : new ResultDocument.Invalid(new Problem(SOURCE, "", problem));
      }
    } catch (InvalidResultException invalid) {
      return new ResultDocument.Invalid(invalid.problem());
    } catch (JacksonException malformed) {
      var message =
          "is not valid JSON: %s (byte %d)"
              .formatted(
                  SafeText.sanitize(malformed.getOriginalMessage(), 200),
                  malformed.getLocation() == null ? 0 : malformed.getLocation().getByteOffset());
      return new ResultDocument.Invalid(new Problem(SOURCE, "", message));
    }
  }

  /** The parser would guess the encoding from the position of the zero bytes. */
  private static boolean startsLikeUtf16(byte[] bytes) {
    return bytes.length >= 2 && (bytes[0] == 0 || bytes[1] == 0 || bytes[0] < 0);
  }

  private ResultDocument document() {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new InvalidResultException("", "is not an object");
    }
    var seen = new SeenMembers("");
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      switch (seen.next(parser.currentName())) {
        case "status" -> status = string("/status", TYPE_CHARS);
        case "result" -> result = value();
        case "error" -> error = error();
        case "cursor" -> cursor = value();
        case "items_processed" -> itemsProcessed = count("/items_processed");
        case "accumulated_results" -> accumulated = isNull() ? null : value();
        default -> throw seen.unknown(MEMBERS);
      }
    }
    if (parser.nextToken() != null) {
      throw new InvalidResultException("", "has content after its end");
    }
    return document(seen);
  }

  private ResultDocument document(SeenMembers seen) {
    return switch (status) {
      case null -> throw new InvalidResultException("/status", "is missing");
      case "completed" -> {
        seen.requireOnly("completed", "status", "result");
        if (result == null) {
          throw new InvalidResultException("/result", "is missing");
        }
        yield new ResultDocument.Completed(result);
      }
      case "failed" -> {
        seen.requireOnly("failed", "status", "error");
        if (error == null) {
          throw new InvalidResultException("/error", "is missing");
        }
        yield new ResultDocument.Failed(error);
      }
      case "checkpoint" -> {
        seen.requireOnly(
            "checkpoint", "status", "cursor", "items_processed", "accumulated_results");
        if (cursor == null) {
          throw new InvalidResultException("/cursor", "is missing");
        }
        yield new ResultDocument.Checkpointed(new Checkpoint(cursor, itemsProcessed, accumulated));
      }
      default -> throw new InvalidResultException("/status", Names.notOneOf(status, STATUSES));
    };
  }

  private StepError error() {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new InvalidResultException("/error", "is not an object");
    }
    @Nullable String type = null;
    @Nullable String message = null;
    @Nullable String code = null;
    @Nullable Duration retryAfter = null;
    @Nullable ErrorContext context = null;
    boolean retryable = false;
    var seen = new SeenMembers("/error");
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      switch (seen.next(parser.currentName())) {
        case "type" -> type = string("/error/type", TYPE_CHARS);
        case "message" -> message = string("/error/message", MESSAGE_CHARS);
        case "retryable" -> retryable = bool("/error/retryable");
        case "code" -> code = isNull() ? null : string("/error/code", TYPE_CHARS);
        case "retry_after_ms" -> retryAfter = isNull() ? null : millis("/error/retry_after_ms");
        case "context" ->
            context = isNull() ? null : new ErrorContext.Json(object("/error/context"));
        case "sent" -> bool("/error/sent"); // of a request's error that is passed on as it is
        default -> throw seen.unknown(ERROR_MEMBERS);
      }
    }
    if (type == null || type.isBlank()) {
      throw new InvalidResultException("/error/type", "is missing or blank");
    }
    if (message == null) {
      throw new InvalidResultException("/error/message", "is missing");
    }
    return new StepError(type, message, retryable, code, retryAfter, List.of(), context);
  }

  private boolean isNull() {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  private String string(String pointer, int maxChars) {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw new InvalidResultException(pointer, "is not a string");
    }
    return SafeText.sanitize(parser.getString(), maxChars);
  }

  private boolean bool(String pointer) {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw new InvalidResultException(pointer, "is not true or false");
    };
  }

  /** A server may have chosen the number: a large one must not make the document invalid. */
  private Duration millis(String pointer) {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
        || parser.getBigIntegerValue().signum() < 0) {
      throw new InvalidResultException(pointer, "is not a whole number of milliseconds");
    }
    return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
            || parser.getLongValue() > MAX_RETRY_AFTER.toMillis()
        ? MAX_RETRY_AFTER
        : Duration.ofMillis(parser.getLongValue());
  }

  private long count(String pointer) {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
        || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        || parser.getLongValue() < 0) {
      throw new InvalidResultException(pointer, "is not a whole number, 0 or more");
    }
    return parser.getLongValue();
  }

  private Document object(String pointer) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new InvalidResultException(pointer, "is not an object");
    }
    return value();
  }

  /** The bytes of the value that the parser is at. */
  private Document value() {
    int start = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    parser.finishToken();
    int end = (int) parser.currentLocation().getByteOffset();
    return Document.of(Arrays.copyOfRange(bytes, start, end));
  }

  /** The members of one object that were read; each may occur once. */
  private final class SeenMembers {
    private final String pointer;
    private final Set<String> names = new HashSet<>();
    private String last = "";

    SeenMembers(String pointer) {
      this.pointer = pointer;
    }

    /** Moves on to the member's value. */
    String next(String name) {
      if (!names.add(name)) {
        throw new InvalidResultException(
            pointer + "/" + SafeText.sanitize(name, TYPE_CHARS), "appears twice");
      }
      parser.nextToken();
      last = name;
      return name;
    }

    InvalidResultException unknown(List<String> known) {
      return new InvalidResultException(
          pointer + "/" + SafeText.sanitize(last, TYPE_CHARS), Names.unknownMember(last, known));
    }

    void requireOnly(String status, String... allowed) {
      for (var name : names) {
        if (!Arrays.asList(allowed).contains(name)) {
          throw new InvalidResultException(
              pointer + "/" + name, "is not allowed with status " + status);
        }
      }
    }
  }

  /** Never leaves this class. */
  private static final class InvalidResultException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Problem problem;

    InvalidResultException(String pointer, String message) {
      super(null, null, false, false);
      this.problem = new Problem(SOURCE, pointer, message);
    }

    Problem problem() {
      return problem;
    }
  }
}
