package org.wasmbroker.secret;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Byte patterns that are searched for together, in one pass over a text: a filter over four bytes
 * lets hardly anything pass but the beginnings of patterns, which are then compared.
 *
 * <p>A pattern has at least {@value #MIN_LENGTH} bytes. Comparisons at successive positions of the
 * text overlap only as far as a pattern repeats itself, so that the work is linear in the length of
 * the text.
 */
final class PatternSet {
  static final int MIN_LENGTH = 4;
  private static final int FILTER_BITS = 14;

  private final long[] filter = new long[1 << (FILTER_BITS - 6)];
  private final List<Pattern> patterns = new ArrayList<>();

  /**
   * @param owner the caller's number for what the pattern belongs to
   */
  private record Pattern(int owner, Bytes bytes) {}

  /** Wraps the array, since a record must not have one. */
  private static final class Bytes {
    private final byte[] value;

    Bytes(byte[] value) {
      this.value = value;
    }
  }

  /** Receives a match; returns whether to continue. */
  @FunctionalInterface
  interface MatchHandler {
    boolean onMatch(int owner, int start, int end);
  }

  /** Adds a pattern and takes ownership of the array. Patterns that are too short are ignored. */
  void add(int owner, byte[] pattern) {
    if (pattern.length < MIN_LENGTH) {
      return;
    }
    int bit = bit(word(pattern, 0));
    filter[bit >>> 6] |= 1L << bit;
    patterns.add(new Pattern(owner, new Bytes(pattern)));
  }

  /** Reports every match, in the order of positions. */
  void find(TextView text, MatchHandler handler) {
    var bytes = text.bytes();
    int length = text.length();
    if (patterns.isEmpty() || length < MIN_LENGTH) {
      return;
    }
    int word = word(bytes, 0) >>> 8;
    for (int i = 0; i + MIN_LENGTH <= length; i++) {
      word = word << 8 | (bytes[i + 3] & 0xFF);
      int bit = bit(word);
      if ((filter[bit >>> 6] & 1L << bit) != 0 && !reportMatches(bytes, i, length, handler)) {
        return;
      }
    }
  }

  private boolean reportMatches(byte[] text, int at, int length, MatchHandler handler) {
    for (var each : patterns) {
      var pattern = each.bytes.value;
      int end = at + pattern.length;
      if (end <= length && Arrays.equals(text, at, end, pattern, 0, pattern.length)) {
        if (!handler.onMatch(each.owner, at, end)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Reports the prefixes of patterns with which the text ends, the longest of each. */
  void findPrefixesAtEnd(TextView text, MatchHandler handler) {
    int length = text.length();
    for (var each : patterns) {
      var pattern = each.bytes.value;
      for (int part = Math.min(pattern.length - 1, length); part >= MIN_LENGTH; part--) {
        if (Arrays.equals(text.bytes(), length - part, length, pattern, 0, part)) {
          handler.onMatch(each.owner, length - part, length);
          break;
        }
      }
    }
  }

  void erase() {
    patterns.forEach(each -> Arrays.fill(each.bytes.value, (byte) 0));
    patterns.clear();
  }

  /** The first four bytes; the next byte is shifted in from the right. */
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
