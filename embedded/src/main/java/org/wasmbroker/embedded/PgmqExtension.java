package org.wasmbroker.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** The PGMQ extension that comes with the broker: plain SQL files in a tar archive. */
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
   * @return the directory that {@code extension_control_path} names
   */
  static Path extractTo(Path directory) {
    try (var resource = PgmqExtension.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        throw new EmbeddedPostgresException(
            "the PGMQ extension is not packed into this build: " + RESOURCE + " is missing", null);
      }
      try (var tar = new GZIPInputStream(resource)) {
        extract(tar, directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the PGMQ extension could not be written to " + directory, e);
    }
    return directory.resolve("share/postgresql");
  }

  /** Reads the plain form of tar: a block that names a file and its size, then its bytes. */
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
      throw new IOException("the archive names a file outside of its directory: " + file);
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
