package org.wasmbroker.signature;

import java.util.Base64;

/**
 * Base64 in its one canonical form: the standard alphabet, padded, no line breaks, no stray bits. A
 * second spelling of the same bytes is refused, so that two readers never see two things.
 */
final class StrictBase64 {
  private StrictBase64() {}

  /**
   * @throws IllegalArgumentException if the text has another form
   */
  static byte[] decode(String text) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException notBase64) {
      throw new IllegalArgumentException("is not base64 of the standard alphabet", notBase64);
    }
    if (!encode(bytes).equals(text)) {
      throw new IllegalArgumentException("is base64 without its padding or with stray bits");
    }
    return bytes;
  }

  static String encode(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
