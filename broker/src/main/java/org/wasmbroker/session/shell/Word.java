package org.wasmbroker.session.shell;

import java.util.List;

/**
 * A word of a command line, without its quotes.
 *
 * @param parts in their order
 */
public record Word(List<Part> parts) {
  public Word {
    parts = List.copyOf(parts);
  }

  /**
   * A part of a word.
   *
   * @param isPattern whether {@code *}, {@code ?} and {@code [} in it stand for characters of file
   *     names: they were not quoted
   */
  public record Part(String text, boolean isPattern) {}

  /** As it was written. */
  public String text() {
    var text = new StringBuilder();
    parts.forEach(part -> text.append(part.text()));
    return text.toString();
  }

  /** Whether it may stand for names of files. */
  public boolean isPattern() {
    for (var part : parts) {
      if (part.isPattern()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return text();
  }
}
