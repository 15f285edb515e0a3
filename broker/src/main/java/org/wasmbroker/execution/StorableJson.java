package org.wasmbroker.execution;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a JSON parser accepts and Postgres does not store: bytes that are not UTF-8, the
 * character U+0000, and unpaired surrogates in escapes.
 */
final class StorableJson {
  private StorableJson() {}

  /** The problem and its location, or null. The bytes are otherwise valid JSON. */
  static @Nullable String problem(byte[] json) {
    boolean ascii = true;
    for (int i = 0; i < json.length; i++) {
      if (json[i] < 0) {
        ascii = false;
      } else if (json[i] == '\\') {
        if (json[i + 1] != 'u') {
          i++;
          continue;
        }
        int unit = escapedUnit(json, i);
        if (unit == 0) {
          return "contains the character \\u0000 at byte " + i + ", which cannot be stored";
        }
        if (Character.isLowSurrogate((char) unit)
            || (Character.isHighSurrogate((char) unit) && !lowSurrogateFollows(json, i + 6))) {
          return "contains an unpaired surrogate at byte " + i;
        }
        i += Character.isHighSurrogate((char) unit) ? 11 : 5;
      }
    }
    return ascii || isUtf8(json) ? null : "is not UTF-8";
  }

  private static boolean lowSurrogateFollows(byte[] json, int at) {
    return at + 6 <= json.length
        && json[at] == '\\'
        && json[at + 1] == 'u'
        && Character.isLowSurrogate((char) escapedUnit(json, at));
  }

  /** The value of a four-digit hex escape, whose digits the parser has checked. */
  private static int escapedUnit(byte[] json, int at) {
    int unit = 0;
    for (int i = at + 2; i < at + 6; i++) {
      unit = unit << 4 | Character.digit(json[i], 16);
    }
    return unit;
  }

  private static boolean isUtf8(byte[] json) {
    try {
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(json));
      return true;
    } catch (CharacterCodingException malformed) {
      return false;
    }
  }
}
