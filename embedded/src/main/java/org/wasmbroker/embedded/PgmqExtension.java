package org.wasmbroker.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** The bundled PGMQ extension: plain SQL files in a tar archive. */
final class PgmqExtension {
  private static final String RESOURCE = "pgmq.tar.gz";
  private static final int BLOCK_BYTES = 512;
  private static final int NAME_BYTES = 100;
  private static final int SIZE_OFFSET = 124;
  private static final int SIZE_BYTES = 12;

  private PgmqExtension() {}

  /**
   * Writes the extension's files below the directory, as {@code share/postgresql/extension/…}.
   *
   * @return the directory for {@code extension_control_path}
   */
  static Path extractTo(Path directory) {
    try (var resource = PgmqExtension.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        throw new EmbeddedPostgresException(
            "this build does not contain the PGMQ extension: " + RESOURCE + " is missing", null);
      }
      try (var tar = new GZIPInputStream(resource)) {
        extract(tar, directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the PGMQ extension to " + directory, e);
    }
    return directory.resolve("share/postgresql");
  }

  /** Reads plain tar: for each file a header block with name and size, then its content. */
  private static void extract(InputStream tar, Path directory) throws IOException {
    while (true) {
      var header = tar.readNBytes(BLOCK_BYTES);
      if (header.length < BLOCK_BYTES || header[0] == 0) {
        return;
      }
      var name = text(header, 0, NAME_BYTES);
      long size = Long.parseLong(text(header, SIZE_OFFSET, SIZE_BYTES).strip(), 8);
      if (name.endsWith(".sql") || name.endsWith(".control")) {
        write(tar, size, directory.resolve(name).normalize(), directory);
        tar.skipNBytes((BLOCK_BYTES - size % BLOCK_BYTES) % BLOCK_BYTES);
      } else {
        tar.skipNBytes((size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES);
      }
    }
  }

  private static void write(InputStream tar, long size, Path file, Path directory)
      throws IOException {
    if (!file.startsWith(directory)) {
      throw new IOException("the archive contains a path outside its directory: " + file);
    }
    Files.createDirectories(file.getParent());
    Files.write(file, tar.readNBytes(Math.toIntExact(size)));
  }

  private static String text(byte[] header, int from, int length) {
    int end = from;
    while (end < from + length && header[end] != 0) {
      end++;
    }
    return new String(header, from, end - from, StandardCharsets.US_ASCII);
  }
}
