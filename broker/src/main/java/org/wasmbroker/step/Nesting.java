package org.wasmbroker.step;

/** How deep JSON is nested, found out without parsing it: by a loop, and so with any depth. */
public final class Nesting {
  /** The most levels of a step document; readers downstream that recurse have the stack for it. */
  public static final int MOST = 500;

  private Nesting() {}

  /** Whether objects and lists stand in each other in more levels than so many. */
  public static boolean isDeeper(byte[] json, int most) {
    int depth = 0;
    boolean text = false;
    for (int i = 0; i < json.length; i++) {
      byte at = json[i];
      if (text) {
        if (at == '\\') {
          i++;
        } else if (at == '"') {
          text = false;
        }
      } else if (at == '"') {
        text = true;
      } else if (at == '{' || at == '[') {
        if (++depth > most) {
          return true;
        }
      } else if (at == '}' || at == ']') {
        depth--;
      }
    }
    return false;
  }
}
