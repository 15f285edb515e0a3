package org.wasmbroker.document;

/**
 * Where something was written.
 *
 * @param source such as a file, or an environment variable; empty if that is obvious
 * @param line from 1; 0 where the source has no lines or none is known
 * @param column from 1; 0 where none is known
 */
public record Location(String source, int line, int column) {
  /** For a source that has no lines. */
  public static Location of(String source) {
    return new Location(source, 0, 0);
  }

  /** {@code file:line:column}, as compilers write it, as far as the parts are known. */
  @Override
  public String toString() {
    if (line == 0) {
      return source;
    }
    if (source.isEmpty()) {
      return column == 0 ? "line " + line : "line " + line + ", column " + column;
    }
    return column == 0 ? source + ":" + line : source + ":" + line + ":" + column;
  }
}
