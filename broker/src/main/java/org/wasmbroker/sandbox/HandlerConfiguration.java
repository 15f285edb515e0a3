package org.wasmbroker.sandbox;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import org.wasmbroker.step.Document;

/**
 * The handler's configuration as it stands in a step document: a range of the document's bytes,
 * found without reading them as JSON. Equal if the bytes are. Prints its size and never its
 * content.
 *
 * <p>It is the value of the first member {@code config} of the document's top level, spelled
 * without escapes; {@code {}} where there is none. Protocols write that member before the step's
 * data, so that what it costs to find it does not grow with them. Whether it is valid JSON is for
 * the guest to find out.
 */
public final class HandlerConfiguration {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] NAME = "config".getBytes(StandardCharsets.UTF_8);

  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
  private static final long QUOTES = '"' * ONES;
  private static final long BACKSLASHES = '\\' * ONES;

  /** Chosen at the start, so that nobody can write many configurations with one hash. */
  private static final long SEED = ThreadLocalRandom.current().nextLong();

  private static final long FIRST_FACTOR = 0x9E37_79B9_7F4A_7C15L;
  private static final long SECOND_FACTOR = 0xD6E8_FEB8_6659_FD93L;

  /** Of a document without one. */
  public static final HandlerConfiguration NONE =
      new HandlerConfiguration("{}".getBytes(StandardCharsets.UTF_8), 0, 2);

  private final byte[] bytes;
  private final int start;
  private final int end;
  private final long hash;

  private HandlerConfiguration(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.hash = hash(bytes, start, end);
  }

  /** That of a step document, whose bytes it shares. Takes any bytes. */
  public static HandlerConfiguration of(Document stepDocument) {
    return new Scan(stepDocument.bytes()).find();
  }

  /** With bytes of its own, which do not keep the step document in memory. */
  public HandlerConfiguration copy() {
    return start == 0 && end == bytes.length
        ? this
        : new HandlerConfiguration(Arrays.copyOfRange(bytes, start, end), 0, end - start);
  }

  /** The bytes as a document of their own. */
  public Document document() {
    return Document.of(copy().bytes);
  }

  /** In bytes. */
  public int size() {
    return end - start;
  }

  /** The same in one process for equal configurations, and hard to foresee. */
  public long hash() {
    return hash;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HandlerConfiguration that
        && hash == that.hash
        && Arrays.equals(bytes, start, end, that.bytes, that.start, that.end);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(hash);
  }

  @Override
  public String toString() {
    return "HandlerConfiguration[" + size() + " bytes]";
  }

  /** Sixteen bytes with each multiplication; what is left over is filled up with zeros. */
  private static long hash(byte[] bytes, int start, int end) {
    long hash = SEED ^ (end - start);
    int at = start;
    for (; at + 2 * Long.BYTES <= end; at += 2 * Long.BYTES) {
      hash =
          mix((long) WORDS.get(bytes, at) ^ SEED, (long) WORDS.get(bytes, at + Long.BYTES) ^ hash);
    }
    long first = rest(bytes, at, end);
    long second = rest(bytes, at + Long.BYTES, end);
    return mix(mix(first ^ SEED, second ^ hash) ^ FIRST_FACTOR, SECOND_FACTOR);
  }

  /** At most eight bytes. */
  private static long rest(byte[] bytes, int from, int end) {
    long rest = 0;
    int at = from;
    for (int shift = 0; at < end && shift < Long.SIZE; at++, shift += Byte.SIZE) {
      rest |= (bytes[at] & 0xFFL) << shift;
    }
    return rest;
  }

  /** Both halves of the 128-bit product, folded. */
  private static long mix(long one, long other) {
    return one * other ^ Math.unsignedMultiplyHigh(one, other);
  }

  /** Goes over a document once, up to the end of the member that it looks for. */
  private static final class Scan {
    private final byte[] bytes;
    private int at;

    Scan(byte[] bytes) {
      this.bytes = bytes;
    }

    HandlerConfiguration find() {
      if (!take('{')) {
        return NONE;
      }
      do {
        skipWhitespace();
        int name = at + 1;
        if (at == bytes.length || bytes[at] != '"' || !skipString()) {
          return NONE;
        }
        boolean found = isName(name, at - 1);
        if (!take(':')) {
          return NONE;
        }
        skipWhitespace();
        int value = at;
        if (!skipValue() || at == value) {
          return NONE;
        }
        if (found) {
          return new HandlerConfiguration(bytes, value, at);
        }
      } while (take(','));
      return NONE;
    }

    private boolean isName(int from, int to) {
      return Arrays.equals(bytes, from, to, NAME, 0, NAME.length);
    }

    /** Takes a character after whitespace. */
    private boolean take(char expected) {
      skipWhitespace();
      if (at == bytes.length || bytes[at] != expected) {
        return false;
      }
      at++;
      return true;
    }

    private void skipWhitespace() {
      while (at < bytes.length && isWhitespace(bytes[at])) {
        at++;
      }
    }

    private static boolean isWhitespace(byte character) {
      return character == ' ' || character == '\n' || character == '\r' || character == '\t';
    }

    /** False if the document ends in it. */
    private boolean skipValue() {
      int depth = 0;
      while (at < bytes.length) {
        switch (bytes[at]) {
          case '"' -> {
            if (!skipString()) {
              return false;
            }
            if (depth == 0) {
              return true;
            }
          }
          case '{', '[' -> {
            depth++;
            at++;
          }
          case '}', ']' -> {
            if (depth == 0) {
              return true; // of the object that the value is in
            }
            at++;
            if (--depth == 0) {
              return true;
            }
          }
          case ',', ' ', '\n', '\r', '\t' -> {
            if (depth == 0) {
              return true;
            }
            at++;
          }
          default -> at++;
        }
      }
      return false;
    }

    /** From its first quote to after its last one, eight bytes at a time where they go on. */
    private boolean skipString() {
      at++;
      while (at < bytes.length) {
        while (at + Long.BYTES <= bytes.length) {
          int plain = plainBytes((long) WORDS.get(bytes, at));
          at += plain;
          if (plain < Long.BYTES) {
            break;
          }
        }
        if (at == bytes.length) {
          return false;
        }
        byte character = bytes[at];
        at++;
        if (character == '"') {
          return true;
        }
        if (character == '\\') {
          at++;
        }
      }
      return false;
    }

    /** How many bytes of the word come before the first quote or backslash. */
    private static int plainBytes(long word) {
      long special = zeros(word ^ QUOTES) | zeros(word ^ BACKSLASHES);
      return special == 0 ? Long.BYTES : Long.numberOfTrailingZeros(special) / Byte.SIZE;
    }

    /** The high bit of each byte that is zero, exact up to the first one. */
    private static long zeros(long word) {
      return (word - ONES) & ~word & HIGH_BITS;
    }
  }
}
