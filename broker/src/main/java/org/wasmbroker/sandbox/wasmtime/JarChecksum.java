package org.wasmbroker.sandbox.wasmtime;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * What a jar's directory says of one of its files. It finds damage and mix-ups, and keeps out
 * nobody who can write to a file. CRC-32 is the JVM's own native code, and as fast in its first
 * second as later.
 *
 * @param bytes the size of the file
 */
record JarChecksum(long crc32, long bytes) {
  private static final int CHUNK_BYTES = 256 << 10;

  /**
   * That of a resource, without unpacking it.
   *
   * @return null if it is in no jar
   */
  static @Nullable JarChecksum of(URL resource) throws IOException {
    if (!(resource.openConnection() instanceof JarURLConnection connection)) {
      return null;
    }
    connection.setUseCaches(false);
    try (var _ = connection.getJarFile()) {
      var entry = connection.getJarEntry();
      return entry.getCrc() < 0 || entry.getSize() < 0
          ? null
          : new JarChecksum(entry.getCrc(), entry.getSize());
    }
  }

  /** Whether the file has the same content, as far as a checksum can tell. */
  boolean matches(Path file) throws IOException {
    return Files.size(file) == bytes && crc32(file) == crc32;
  }

  private static long crc32(Path file) throws IOException {
    var crc = new CRC32();
    var chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    try (var channel = FileChannel.open(file)) {
      while (channel.read(chunk) >= 0) {
        crc.update(chunk.flip());
        chunk.clear();
      }
    }
    return crc.getValue();
  }
}
