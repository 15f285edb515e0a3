package org.wasmbroker.secret;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Byte strings that are looked for together, in one pass over a text: a filter over four bytes
 * passes nearly nothing but the beginnings of needles, which are then compared.
 *
 * <p>A needle has at least {@value #LEAST} bytes. What is compared at one place of the text
 * overlaps with what is compared at the next only as far as a needle repeats itself, so the work
 * follows the length of the text.
 */
final class Needles {
  static final int LEAST = 4;
  private static final int FILTER_BITS = 14;

  private final long[] filter = new long[1 << (FILTER_BITS - 6)];
  private final List<Needle> needles = new ArrayList<>();

  /**
   * @param owner what it stands for, a number of the caller's
   */
  private record Needle(int owner, Bytes bytes) {}

  /** Error Prone wants no arrays in records. */
  private static final class Bytes {
    private final byte[] value;

    Bytes(byte[] value) {
      this.value = value;
    }
  }

  /** Takes what was found, and says whether to go on. */
  @FunctionalInterface
  interface Matches {
    boolean at(int owner, int start, int end);
  }

  /** Adds a needle, and takes the array over; one that is too short is left out. */
  void add(int owner, byte[] needle) {
    if (needle.length < LEAST) {
      return;
    }
    int bit = bit(word(needle, 0));
    filter[bit >>> 6] |= 1L << bit;
    needles.add(new Needle(owner, new Bytes(needle)));
  }

  /** Tells of every place where a needle stands, in order. */
  void find(Reading text, Matches matches) {
    var bytes = text.bytes();
    int length = text.length();
    if (needles.isEmpty() || length < LEAST) {
      return;
    }
    int word = word(bytes, 0) >>> 8;
    for (int i = 0; i + LEAST <= length; i++) {
      word = word << 8 | (bytes[i + 3] & 0xFF);
      int bit = bit(word);
      if ((filter[bit >>> 6] & 1L << bit) != 0 && !compare(bytes, i, length, matches)) {
        return;
      }
    }
  }

  private boolean compare(byte[] text, int at, int length, Matches matches) {
    for (var each : needles) {
      var needle = each.bytes.value;
      int end = at + needle.length;
      if (end <= length && Arrays.equals(text, at, end, needle, 0, needle.length)) {
        if (!matches.at(each.owner, at, end)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Tells of the beginnings of needles with which the text ends, the longest of each. */
  void findAtEnd(Reading text, Matches matches) {
    int length = text.length();
    for (var each : needles) {
      var needle = each.bytes.value;
      for (int part = Math.min(needle.length - 1, length); part >= LEAST; part--) {
        if (Arrays.equals(text.bytes(), length - part, length, needle, 0, part)) {
          matches.at(each.owner, length - part, length);
          break;
        }
      }
    }
  }

  void erase() {
    needles.forEach(each -> Arrays.fill(each.bytes.value, (byte) 0));
    needles.clear();
  }

  /** The first four bytes; what is read next is shifted in from the right. */
  private static int word(byte[] bytes, int at) {
    return bytes[at] << 24
        | (bytes[at + 1] & 0xFF) << 16
        | (bytes[at + 2] & 0xFF) << 8
        | (bytes[at + 3] & 0xFF);
  }

  private static int bit(int word) {
    return (word * 0x9E3779B1) >>> (Integer.SIZE - FILTER_BITS);
  }
}
