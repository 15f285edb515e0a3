package org.wasmbroker.session;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Bytes in answers: as text where they are UTF-8, else in base64. */
final class Texts {
  private static final int MAX_SEQUENCE = 4;

  private Texts() {}

  /** The text, or null if the bytes are none. */
  static @Nullable String of(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException notText) {
      return null;
    }
  }

  /** Puts {@code name}, or {@code name_base64}. */
  static void put(ObjectNode answer, String name, byte[] bytes) {
    var text = of(bytes);
    if (text != null) {
      answer.put(name, text);
    } else {
      answer.put(name + "_base64", Base64.getEncoder().encodeToString(bytes));
    }
  }

  /** Puts what was kept of an output, with a mark that says how much was not. */
  static void put(ObjectNode answer, String name, Sink.Kept kept) {
    var bytes = kept.bytes();
    if (kept.dropped() == 0) {
      put(answer, name, bytes);
      return;
    }
    int end = endOfCharacters(bytes, 0, bytes.length);
    long cut = kept.dropped() + bytes.length - end;
    var text = of(Arrays.copyOf(bytes, end));
    if (text != null) {
      answer.put(name, text + "\n[" + cut + " more bytes were cut off]\n");
    } else {
      put(answer, name, bytes);
      cut = kept.dropped();
    }
    answer.put(name + "_cut", cut);
  }

  /** The end of the last whole character of a range of UTF-8; the range's end if it is none. */
  static int endOfCharacters(byte[] bytes, int from, int to) {
    int at = to;
    for (int i = 1; i <= MAX_SEQUENCE && at - 1 >= from; i++) {
      at--;
      int value = bytes[at] & 0xFF;
      if (value < 0x80) {
        return to;
      }
      if (value >= 0xC0) {
        int length = value >= 0xF0 ? 4 : value >= 0xE0 ? 3 : 2;
        return length > i ? at : to;
      }
    }
    return to;
  }
}
