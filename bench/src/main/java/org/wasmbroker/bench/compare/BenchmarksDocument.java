package org.wasmbroker.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The document that has the results: each part's stand between two marks, and the rest is written
 * by hand.
 */
final class BenchmarksDocument {
  private final Path file;

  BenchmarksDocument(Path file) {
    this.file = file;
  }

  /** Replaces what stands between the marks of a part. */
  void write(String part, String content) throws IOException {
    var begin = "<!-- figures of %s -->\n".formatted(part);
    var end = "<!-- end of %s -->".formatted(part);
    var text = Files.readString(file);
    int from = text.indexOf(begin);
    int to = text.indexOf(end);
    if (from < 0 || to < from) {
      throw new IllegalStateException("%s has no place for the part '%s'".formatted(file, part));
    }
    Files.writeString(
        file, text.substring(0, from + begin.length()) + content + text.substring(to));
  }
}
