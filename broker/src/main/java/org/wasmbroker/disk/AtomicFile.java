package org.wasmbroker.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;

/**
 * Writes files that are complete whenever they can be seen: a temporary one in the same directory
 * is renamed once it is written. If two processes write the same file, one of the two is there.
 */
public final class AtomicFile {
  /** The end of a temporary file's name; whoever lists a directory passes over these. */
  public static final String PARTIAL = ".part";

  /** Nobody writes one file for so long: the process that began it has ended. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  private AtomicFile() {}

  /** Where the bytes of a temporary file go; a seam for tests of full disks. */
  @FunctionalInterface
  public interface Content {
    void writeTo(Path partial) throws IOException;
  }

  /** Content that is on the disk, and not only in its cache, when it has been written. */
  public static Content durable(ByteBuffer bytes) {
    return partial -> {
      try (var out = FileChannel.open(partial, StandardOpenOption.WRITE)) {
        write(out, bytes);
        out.force(true);
      }
    };
  }

  /** Writes a file, or replaces it. */
  public static void write(Path file, String permissions, Content content) throws IOException {
    var directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException(file + " is no file");
    }
    var partial = Files.createTempFile(directory, "new-", PARTIAL);
    boolean moved = false;
    try {
      content.writeTo(partial);
      Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString(permissions));
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
      moved = true;
    } finally {
      if (!moved) {
        Files.deleteIfExists(partial);
      }
    }
  }

  /** Writes all of the buffer. */
  public static void write(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  /** Removes what processes that ended while they wrote have left in a directory. */
  public static void removeAbandoned(Path directory, Instant now) throws IOException {
    for (var partial : UsedFile.list(directory, name -> name.endsWith(PARTIAL))) {
      if (partial.used().isBefore(now.minus(ABANDONED))) {
        Files.deleteIfExists(partial.path());
      }
    }
  }
}
