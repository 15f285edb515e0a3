package org.wasmbroker.step;

/** Makes untrusted text safe for logs and messages. */
public final class SafeText {
  private SafeText() {}

  /**
   * The text with control characters (terminal escapes, line breaks, direction overrides) replaced
   * by spaces, and cut after {@code maxChars} characters with an ellipsis.
   */
  public static String sanitize(String text, int maxChars) {
    var sanitized = new StringBuilder(Math.min(text.length(), maxChars) + 1);
    for (int i = 0; i < text.length() && sanitized.length() < maxChars; ) {
      int codePoint = text.codePointAt(i);
      i += Character.charCount(codePoint);
      sanitized.appendCodePoint(isPrintable(codePoint) ? codePoint : ' ');
    }
    return sanitized.length() < maxChars || text.length() <= maxChars
        ? sanitized.toString()
        : sanitized.append('…').toString();
  }

  /** Whether a terminal shows the character instead of obeying it; no line break is. */
  public static boolean isPrintable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
