package org.wasmbroker.schema;

/**
 * Where a value does not satisfy a schema.
 *
 * @param pointer the place in the value, as a JSON pointer
 * @param keyword the keyword of the schema; empty if the value could not be checked
 * @param message what is wrong; it quotes the schema and names members, but never quotes a value
 */
public record SchemaViolation(String pointer, String keyword, String message) {
  /** The violation as one sentence. */
  @Override
  public String toString() {
    return keyword.isEmpty()
        ? message
        : "%s: %s (%s)".formatted(pointer.isEmpty() ? "the whole" : pointer, message, keyword);
  }

  /** The pointer of a part of what a pointer points to. */
  static String child(String pointer, String step) {
    return pointer + "/" + step.replace("~", "~0").replace("/", "~1");
  }
}
