package org.wasmbroker.project;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads files of limited size. */
final class BoundedFiles {
  private BoundedFiles() {}

  /**
   * @throws ProjectException if it is no regular file, which could be read for ever, or too large
   */
  static byte[] read(Path file, int maxBytes) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new ProjectException(file + " is not a regular file");
    }
    try (var stream = Files.newInputStream(file)) {
      var bytes = stream.readNBytes(maxBytes);
      if (stream.read() >= 0) {
        throw new ProjectException(
            "%s has more than %d bytes, the maximum for it".formatted(file, maxBytes));
      }
      return bytes;
    }
  }
}
