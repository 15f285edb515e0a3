package org.wasmbroker.publish;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/** Writes files so that a reader, or a crash, finds the old content or the new one. */
final class DurableFiles {
  private DurableFiles() {}

  /** Writes a file that nobody reads yet. */
  static void write(Path file, byte[] content) throws IOException {
    try (var channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      var buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  /** Writes beside the file, and then takes its place. */
  static void replace(Path file, byte[] content) throws IOException {
    var temporary =
        file.resolveSibling(
            ".%s.%016x".formatted(file.getFileName(), ThreadLocalRandom.current().nextLong()));
    try {
      write(temporary, content);
      rename(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    try (var directory = FileChannel.open(to.getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    } catch (IOException notSupported) {
      // Some file systems cannot; the rename itself is in order.
    }
  }
}
