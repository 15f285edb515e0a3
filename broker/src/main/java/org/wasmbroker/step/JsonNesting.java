package org.wasmbroker.step;

/** Checks how deep JSON is nested without parsing it, by a loop and thus for any depth. */
public final class JsonNesting {
  /** The maximum depth of a step document, for which recursive readers have enough stack. */
  public static final int MAX_DEPTH = 500;

  private JsonNesting() {}

  /** Whether objects and arrays are nested in more levels than the maximum. */
  public static boolean isDeeperThan(byte[] json, int maxDepth) {
    int depth = 0;
    boolean inString = false;
    for (int i = 0; i < json.length; i++) {
      byte at = json[i];
      if (inString) {
        if (at == '\\') {
          i++;
        } else if (at == '"') {
          inString = false;
        }
      } else if (at == '"') {
        inString = true;
      } else if (at == '{' || at == '[') {
        if (++depth > maxDepth) {
          return true;
        }
      } else if (at == '}' || at == ']') {
        depth--;
      }
    }
    return false;
  }
}
