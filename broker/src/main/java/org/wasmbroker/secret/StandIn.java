package org.wasmbroker.secret;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What takes a secret's place where its value must not be, such as in a recording: as many bytes,
 * with the same line breaks and the same blanks at both ends, as a search for the value depends on
 * them. All else follows from the secret's name and says nothing about the value.
 */
final class StandIn {
  /** In place of a byte of a value that is written in another form, such as base64. */
  static final byte MASK = '*';

  private static final byte[] LETTERS =
      "abcdefghijklmnopqrstuvwxyz234567".getBytes(StandardCharsets.US_ASCII);

  private StandIn() {}

  /**
   * @param number tells the values of one step apart, even those of one secret
   */
  static byte[] of(String name, int number, byte[] value) {
    var standIn = new byte[value.length];
    int from = 0;
    int to = value.length;
    while (from < to && isBlank(value[from])) {
      standIn[from] = value[from++];
    }
    while (to > from && isBlank(value[to - 1])) {
      standIn[to - 1] = value[--to];
    }
    byte[] block = {};
    for (int i = from; i < to; i++) {
      int at = (i - from) % 32;
      if (at == 0) {
        block = sha256(name + "#" + number + "#" + (i - from) / 32);
      }
      standIn[i] = value[i] == '\n' ? value[i] : LETTERS[block[at] & 31];
    }
    return standIn;
  }

  private static boolean isBlank(byte each) {
    return each == ' ' || each == '\t' || each == '\r' || each == '\n';
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }
}
