package org.wasmbroker.cli;

import org.wasmbroker.step.SafeText;

/** JSON for a terminal. */
final class JsonText {
  private JsonText() {}

  /**
   * The same document with escapes for characters that a terminal obeys instead of showing them:
   * JSON allows most of them in strings, and they are nowhere else in it.
   */
  static String printable(String json) {
    var text = new StringBuilder(json.length());
    for (int i = 0; i < json.length(); ) {
      int codePoint = json.codePointAt(i);
      i += Character.charCount(codePoint);
      if (isObeyed(codePoint)) {
        for (char unit : Character.toChars(codePoint)) {
          text.append("\\u%04x".formatted((int) unit));
        }
      } else {
        text.appendCodePoint(codePoint);
      }
    }
    return text.toString();
  }

  private static boolean isObeyed(int codePoint) {
    return !SafeText.isPrintable(codePoint) && codePoint != '\n' && codePoint != '\t';
  }
}
