package org.wasmbroker.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The section of a document between a comment that names its origin and one that ends it. */
public record MarkedSection(Path file, String mark) {
  /**
   * @param document a name in {@code docs/}
   * @param origin the text of the comment before the section
   */
  public static MarkedSection of(String document, String origin) {
    return new MarkedSection(Path.of("..", "docs", document), "<!-- " + origin + " -->\n");
  }

  /** The end marker of every section. */
  private static final String END = "<!-- End of what ";

  public String read() throws IOException {
    var text = Files.readString(file);
    return text.substring(begin(text), end(text));
  }

  public void write(String part) throws IOException {
    var text = Files.readString(file);
    Files.writeString(file, text.substring(0, begin(text)) + part + text.substring(end(text)));
  }

  private int begin(String text) {
    int at = text.indexOf(mark);
    if (at < 0) {
      throw new IllegalStateException(file + " has no " + mark);
    }
    return at + mark.length();
  }

  private int end(String text) {
    int at = text.indexOf(END, begin(text));
    if (at < 0) {
      throw new IllegalStateException(file + " has no end marker after " + mark);
    }
    return at;
  }
}
