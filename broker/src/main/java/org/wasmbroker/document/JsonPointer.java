package org.wasmbroker.document;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.SafeText;

/**
 * The location of a value within a document (RFC 6901). It is built link by link and only rendered
 * on demand, so that reading a document costs one small object per value, however long the names
 * above it are.
 */
public final class JsonPointer {
  public static final JsonPointer ROOT = new JsonPointer(null, "", false);

  private static final int MAX_DISPLAY_LENGTH = 200;

  private final @Nullable JsonPointer parent;
  private final String token;
  private final boolean isElement;

  private JsonPointer(@Nullable JsonPointer parent, String token, boolean isElement) {
    this.parent = parent;
    this.token = token;
    this.isElement = isElement;
  }

  public JsonPointer member(String name) {
    return new JsonPointer(this, name, false);
  }

  public JsonPointer element(int index) {
    return new JsonPointer(this, String.valueOf(index), true);
  }

  /** The member names and element indexes that lead to the value, from the root, not escaped. */
  List<String> tokens() {
    var tokens = new ArrayList<String>();
    for (var at = this; at.parent != null; at = at.parent) {
      tokens.add(at.token);
    }
    Collections.reverse(tokens);
    return tokens;
  }

  /** The same as a path with dots, such as {@code handlers[1].http[0]}. */
  public String dotted() {
    if (parent == null) {
      return "";
    }
    var before = parent.dotted();
    if (isElement) {
      return before + "[" + token + "]";
    }
    return before.isEmpty() ? token : before + "." + token;
  }

  /** The pointer shortened and without control characters, for messages. */
  public String display() {
    return SafeText.sanitize(toString(), MAX_DISPLAY_LENGTH);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JsonPointer pointer && tokens().equals(pointer.tokens());
  }

  @Override
  public int hashCode() {
    return tokens().hashCode();
  }

  /** The pointer as RFC 6901 writes it; empty for the root. */
  @Override
  public String toString() {
    var text = new StringBuilder();
    for (var each : tokens()) {
      text.append('/').append(each.replace("~", "~0").replace("/", "~1"));
    }
    return text.toString();
  }
}
