package org.wasmbroker.step;

/** How deep JSON is nested, found out without parsing it: by a loop, and so with any depth. */
public final class JsonNesting {
  /** The most levels of a step document; readers downstream that recurse have the stack for it. */
  public static final int MAX_DEPTH = 500;

  private JsonNesting() {}

  /** Whether objects and lists stand in each other in more levels than so many. */
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
