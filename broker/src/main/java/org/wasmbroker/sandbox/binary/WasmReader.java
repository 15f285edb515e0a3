package org.wasmbroker.sandbox.binary;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;

/** Reads a part of a module sequentially. Errors include the offset. */
public final class WasmReader {
  private static final int MAX_NAME_BYTES = 10_000;

  private final byte[] bytes;
  private final int end;
  private int offset;

  public WasmReader(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.offset = start;
    this.end = end;
  }

  public int offset() {
    return offset;
  }

  /** Where it ends, which is not read any more. */
  public int end() {
    return end;
  }

  public boolean hasMore() {
    return offset < end;
  }

  public int u8(String what) {
    if (offset >= end) {
      throw invalid(what + " is missing, the section or file ends at byte " + end);
    }
    return bytes[offset++] & 0xff;
  }

  /** An unsigned 32-bit LEB128 number: at most five bytes, no bit beyond the 32nd. */
  public long u32(String what) {
    int start = offset;
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
    offset = start;
    throw invalid(what + " is not a 32-bit number");
  }

  /** The number that follows, or -1 if none does; the offset stays. */
  public long peekU32() {
    int start = offset;
    try {
      return u32("a number");
    } catch (ModuleRefusedException none) {
      return -1;
    } finally {
      offset = start;
    }
  }

  /** A number in 0..max. */
  long u32UpTo(long max, String what) {
    int start = offset;
    long value = u32(what);
    if (value > max) {
      offset = start;
      throw invalid("%s is %d, the maximum is %d".formatted(what, value, max));
    }
    return value;
  }

  /** A number in 0..max. */
  public int intUpTo(int max, String what) {
    return (int) u32UpTo(max, what);
  }

  /** An index into something with this number of entries. */
  public int index(int count, String what) {
    int start = offset;
    long value = u32(what);
    if (value >= count) {
      offset = start;
      throw invalid("%s is %d, but there are only %d".formatted(what, value, count));
    }
    return (int) value;
  }

  /** Skips a signed LEB128 number of at most this many bytes. */
  void skipSigned(int maxBytes, String what) {
    int start = offset;
    for (int read = 1; (u8(what) & 0x80) != 0; read++) {
      if (read == maxBytes) {
        offset = start;
        throw invalid(what + " is a number with too many bytes");
      }
    }
  }

  public String name(String what) {
    int length = intUpTo(MAX_NAME_BYTES, "the length of " + what);
    int start = offset;
    skip(length, what);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, start, length))
          .toString();
    } catch (CharacterCodingException malformed) {
      offset = start;
      throw invalid(what + " is not UTF-8");
    }
  }

  public void skip(long length, String what) {
    if (length > end - offset) {
      throw invalid(
          "%s needs %d bytes, but only %d are left in the section or file"
              .formatted(what, length, end - offset));
    }
    offset += (int) length;
  }

  public ModuleRefusedException invalid(String what) {
    return new ModuleRefusedException(
        Reason.INVALID, "the module is malformed at byte " + offset + ": " + what);
  }
}
