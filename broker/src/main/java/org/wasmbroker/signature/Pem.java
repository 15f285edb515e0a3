package org.wasmbroker.signature;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A PEM file with exactly one block. Text before or after it is refused: a file with two keys would
 * be one of which half is ignored.
 */
final class Pem {
  private static final int MAX_LENGTH = 16 << 10;
  private static final Pattern BLOCK =
      Pattern.compile(
          "\\s*-----BEGIN ([A-Z0-9 ]{1,60})-----\\s([A-Za-z0-9+/=\\s]{1,16384}?)-----END"
              + " \\1-----\\s*");
  private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,60})-----");
  private static final Pattern WHITESPACE = Pattern.compile("\\s+");

  private final String label;
  private final byte[] der;

  private Pem(String label, byte[] der) {
    this.label = label;
    this.der = der;
  }

  /**
   * @throws IllegalArgumentException if it is not one block
   */
  static Pem parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "has %d characters; a key in PEM has at most %d".formatted(text.length(), MAX_LENGTH));
    }
    var block = BLOCK.matcher(text);
    if (!block.matches()) {
      throw new IllegalArgumentException(problem(BEGIN.matcher(text).results().count()));
    }
    var base64 = WHITESPACE.matcher(block.group(2)).replaceAll("");
    return new Pem(block.group(1), decode(block, base64));
  }

  String label() {
    return label;
  }

  byte[] der() {
    return der;
  }

  private static byte[] decode(Matcher block, String base64) {
    try {
      return StrictBase64.decode(base64);
    } catch (IllegalArgumentException invalid) {
      throw new IllegalArgumentException(
          "its block %s %s".formatted(block.group(1), invalid.getMessage()), invalid);
    }
  }

  private static String problem(long blocks) {
    if (blocks == 0) {
      return "is not PEM: there is no line -----BEGIN … KEY-----";
    }
    return blocks == 1
        ? "is not PEM: its one block is incomplete, or there is text beside it"
        : "has %d PEM blocks; exactly one is allowed".formatted(blocks);
  }
}
