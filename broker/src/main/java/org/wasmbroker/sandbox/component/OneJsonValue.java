package org.wasmbroker.sandbox.component;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.step.SafeText;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * Whether text of a guest is one JSON value, so that it can become a member of a document without
 * changing what is around it. As strict as the reader of result documents, which reads it later and
 * would take what is around it for the guest's own.
 */
final class OneJsonValue {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .recyclerPool(JsonRecyclerPools.threadLocalPool())
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth((int) LimitKind.OUTPUT_DEPTH.defaultValue())
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private OneJsonValue() {}

  /**
   * @return what is wrong and at which byte of the range, or null if it is one value with nothing
   *     but white space around it
   */
  static @Nullable String problem(byte[] bytes, int offset, int length) {
    if (startsLikeUtf16(bytes, offset, length)) {
      return "it is not UTF-8 (byte 0)";
    }
    try (var parser = JSON.createParser(ObjectReadContext.empty(), bytes, offset, length)) {
      if (parser.nextToken() == null) {
        return "it is empty";
      }
      parser.skipChildren();
      parser.finishToken();
      long end = parser.currentLocation().getByteOffset();
      // An end of an object or array that was never begun is an error of its own.
      return parser.nextToken() == null
          ? null
          : "more follows it (byte %d)".formatted(at(parser, end));
    } catch (JacksonException malformed) {
      var at = malformed.getLocation();
      return "%s (byte %d)"
          .formatted(
              SafeText.sanitize(malformed.getOriginalMessage(), 200),
              at == null ? 0 : Math.clamp(at.getByteOffset(), 0L, length));
    }
  }

  private static long at(JsonParser parser, long otherwise) {
    long start = parser.currentTokenLocation().getByteOffset();
    return start < 0 ? otherwise : start;
  }

  /** The parser would guess the encoding from the position of the zero bytes. */
  private static boolean startsLikeUtf16(byte[] bytes, int offset, int length) {
    return length >= 2 && (bytes[offset] == 0 || bytes[offset + 1] == 0 || bytes[offset] < 0);
  }
}
