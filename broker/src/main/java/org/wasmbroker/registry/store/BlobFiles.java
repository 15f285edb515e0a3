package org.wasmbroker.registry.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.disk.AtomicFile;
import org.wasmbroker.disk.AtomicFile.Content;
import org.wasmbroker.disk.PrivateDirectory;
import org.wasmbroker.disk.UsedFile;
import org.wasmbroker.step.Digest;

/**
 * Files by the SHA-256 of their content, {@code blobs/sha256/<hex>}. Nothing that was written is
 * believed: a file is read whole, and used only if its content has its name's digest.
 */
final class BlobFiles {
  private static final Logger log = LoggerFactory.getLogger(BlobFiles.class);
  private static final Pattern NAME = Pattern.compile("[0-9a-f]{64}");

  /** More than any module can have. */
  private static final int MAX_BYTES = 512 << 20;

  private final Path directory;
  private final Function<ByteBuffer, Content> writer;

  private BlobFiles(Path directory, Function<ByteBuffer, Content> writer) {
    this.directory = directory;
    this.writer = writer;
  }

  static BlobFiles open(Path root, Function<ByteBuffer, Content> writer) throws IOException {
    var directory =
        PrivateDirectory.ensureWithin(PrivateDirectory.ensureWithin(root, "blobs"), "sha256");
    AtomicFile.removeAbandoned(directory, Instant.now());
    return new BlobFiles(directory, writer);
  }

  /** The size of a blob; 0 if there is none. */
  long size(Digest digest) throws IOException {
    try {
      var attributes =
          Files.readAttributes(file(digest), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return attributes.isRegularFile() ? attributes.size() : 0;
    } catch (NoSuchFileException absent) {
      return 0;
    }
  }

  /** Writes a blob, or notes its use if it is there. */
  void put(Digest digest, byte[] bytes) throws IOException {
    if (size(digest) == bytes.length) {
      UsedFile.touch(file(digest), Instant.now());
    } else {
      AtomicFile.write(file(digest), "r--r--r--", writer.apply(ByteBuffer.wrap(bytes)));
    }
  }

  /** The content of a blob; empty if it is not there, or was and had another content. */
  Optional<byte[]> read(Digest digest) {
    var file = file(digest);
    try {
      PrivateDirectory.requirePrivate(file);
      var bytes = readAll(file);
      if (Digest.of(bytes).equals(digest)) {
        UsedFile.touch(file, Instant.now());
        return Optional.of(bytes);
      }
      remove(file, "its content has another digest");
    } catch (NoSuchFileException absent) {
      log.debug("The module store has no {}", digest);
    } catch (IOException unusable) {
      remove(file, unusable.toString());
    }
    return Optional.empty();
  }

  private static byte[] readAll(Path file) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      long size = channel.size();
      if (size > MAX_BYTES) {
        throw new IOException("it has " + size + " bytes");
      }
      var bytes = ByteBuffer.allocate((int) size);
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
      if (bytes.hasRemaining()) {
        throw new IOException("it became shorter");
      }
      return bytes.array();
    }
  }

  private static void remove(Path file, String cause) {
    log.atWarn()
        .addKeyValue("file", file)
        .addKeyValue("cause", cause)
        .log("a file of the module store cannot be used; it is removed and fetched again");
    try {
      Files.deleteIfExists(file);
    } catch (IOException failed) {
      log.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("cause", failed.toString())
          .log("an unusable file of the module store cannot be removed; remove it");
    }
  }

  List<UsedFile> list() throws IOException {
    return UsedFile.list(directory, name -> NAME.matcher(name).matches());
  }

  static Digest digest(UsedFile blob) {
    return new Digest(blob.path().getFileName().toString());
  }

  private Path file(Digest digest) {
    return directory.resolve(digest.hex());
  }
}
