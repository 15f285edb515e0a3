package org.wasmbroker.sandbox;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;

/** Reads a part of a module from front to back. What is not there is said with its offset. */
final class WasmReader {
  private static final int NAME_BYTES = 10_000;

  private final byte[] bytes;
  private final int end;
  private int at;

  WasmReader(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  int at() {
    return at;
  }

  boolean hasMore() {
    return at < end;
  }

  int u8(String what) {
    if (at >= end) {
      throw invalid(what + " is missing, the section or file ends at byte " + end);
    }
    return bytes[at++] & 0xff;
  }

  /** An unsigned LEB128 number of 32 bits: at most five bytes, no bit beyond the 32nd. */
  long u32(String what) {
    int start = at;
    long value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int next = u8(what);
      value |= (long) (next & 0x7f) << shift;
      if ((next & 0x80) == 0) {
        if (value > 0xffff_ffffL) {
          break;
        }
        return value;
      }
    }
    at = start;
    throw invalid(what + " is not a number of 32 bits");
  }

  /** A number in 0..most. */
  long atMost(long most, String what) {
    int start = at;
    long value = u32(what);
    if (value > most) {
      at = start;
      throw invalid("%s is %d, the most is %d".formatted(what, value, most));
    }
    return value;
  }

  /** A number in 0..most. */
  int upTo(int most, String what) {
    return (int) atMost(most, what);
  }

  /** An index into something that has so many entries. */
  int index(int count, String what) {
    int start = at;
    long value = u32(what);
    if (value >= count) {
      at = start;
      throw invalid("%s is %d, there are %d".formatted(what, value, count));
    }
    return (int) value;
  }

  /** Passes over a signed LEB128 number of so many bytes at most. */
  void skipSigned(int mostBytes, String what) {
    int start = at;
    for (int read = 1; (u8(what) & 0x80) != 0; read++) {
      if (read == mostBytes) {
        at = start;
        throw invalid(what + " is too long a number");
      }
    }
  }

  String name(String what) {
    int length = upTo(NAME_BYTES, "the length of " + what);
    int start = at;
    skip(length, what);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, start, length))
          .toString();
    } catch (CharacterCodingException broken) {
      at = start;
      throw invalid(what + " is not UTF-8");
    }
  }

  void skip(long length, String what) {
    if (length > end - at) {
      throw invalid(
          "%s needs %d bytes, the section or file has %d more".formatted(what, length, end - at));
    }
    at += (int) length;
  }

  ModuleRefusedException invalid(String what) {
    return new ModuleRefusedException(
        Reason.INVALID, "the module is broken at byte " + at + ": " + what);
  }
}
