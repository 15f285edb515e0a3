package org.wasmbroker.step;

/** Makes text of unknown origin fit for our logs and messages. */
public final class Text {
  private Text() {}

  /**
   * The text with control characters (terminal escapes, line breaks, direction overrides) replaced
   * by spaces, and cut after {@code cap} characters with an ellipsis.
   */
  public static String ofGuest(String text, int cap) {
    var kept = new StringBuilder(Math.min(text.length(), cap) + 1);
    for (int i = 0; i < text.length() && kept.length() < cap; ) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      kept.appendCodePoint(isPrintable(point) ? point : ' ');
    }
    return kept.length() < cap || text.length() <= cap
        ? kept.toString()
        : kept.append('…').toString();
  }

  private static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
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
