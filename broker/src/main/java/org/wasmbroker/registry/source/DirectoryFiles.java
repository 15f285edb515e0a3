package org.wasmbroker.registry.source;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.release.ModuleSourceException;

/**
 * The files of a module directory, which others write while they are read. Whatever is there,
 * nothing is read beyond its limit, from outside of the directory, or from what is no regular file.
 */
final class DirectoryFiles {
  private static final int MAX_SUMS_BYTES = 16 << 20;

  private final Path root;
  private volatile boolean hadSums;

  DirectoryFiles(Path root) {
    this.root = root;
  }

  /**
   * The digests that {@code SHA256SUMS} records; null if there is no such file.
   *
   * @throws ModuleSourceException if it cannot be read, or is there no more: modules that were
   *     checked must not be used unchecked because somebody replaces the file in two steps
   */
  @Nullable Sha256Sums sums() {
    var file = root.resolve(ModulePaths.SUMS);
    if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
      if (hadSums) {
        throw new ModuleSourceException(
            "%s is gone; no module of the directory is used until it is there again, or the broker is restarted without it"
                .formatted(file),
            null);
      }
      return null;
    }
    var bytes = read(ModulePaths.SUMS, MAX_SUMS_BYTES, "any SHA256SUMS");
    hadSums = true;
    return Sha256Sums.parse(new String(bytes, StandardCharsets.UTF_8), file.toString());
  }

  boolean exists(String path) {
    return Files.exists(root.resolve(path));
  }

  /** Reads at most {@code maxBytes}, whatever size the file claims to have. */
  byte[] read(String path, int maxBytes, String limit) {
    var file = root.resolve(path);
    try {
      var real = file.toRealPath();
      if (!real.startsWith(root.toRealPath())) {
        throw new ModuleSourceException(
            "%s points outside of %s, to %s; put the file itself there".formatted(path, root, real),
            null);
      }
      if (!Files.isRegularFile(real)) {
        throw new ModuleSourceException(file + " is not a regular file", null);
      }
      try (var stream = Files.newInputStream(real)) {
        var bytes = stream.readNBytes(maxBytes);
        if (stream.read() >= 0) {
          throw new ModuleSourceException(
              "%s has more than %d bytes, the maximum for %s".formatted(file, maxBytes, limit),
              null);
        }
        return bytes;
      }
    } catch (NoSuchFileException gone) {
      throw new ModuleSourceException(file + " is gone", gone);
    } catch (IOException failure) {
      throw new ModuleSourceException("cannot read " + file + ": " + failure, failure);
    }
  }

  /**
   * The size, time and identity of a file, one of which differs when it was replaced or written.
   *
   * @throws ModuleSourceException if it is gone
   */
  String stamp(String path) {
    var file = root.resolve(path);
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.size() + " " + attributes.lastModifiedTime() + " " + attributes.fileKey();
    } catch (IOException failure) {
      throw new ModuleSourceException("cannot read " + file + ": " + failure, failure);
    }
  }

  /** Whether a version has what it consists of. */
  static boolean isComplete(Path version) {
    return Files.isRegularFile(version.resolve(ModulePaths.MODULE))
        && Files.isRegularFile(version.resolve(ModulePaths.MANIFEST));
  }

  /**
   * The directories in a directory; none if that is gone.
   *
   * @param max how many there may be
   */
  static List<Path> directoriesIn(Path parent, int max) throws IOException {
    try (var children = Files.newDirectoryStream(parent, DirectoryFiles::isVisibleDirectory)) {
      var found = new ArrayList<Path>();
      for (var child : children) {
        found.add(child);
        if (found.size() > max) {
          throw new IOException("it has more than %d directories".formatted(max));
        }
      }
      return found;
    } catch (NoSuchFileException gone) {
      return List.of();
    } catch (DirectoryIteratorException failure) {
      throw failure.getCause();
    }
  }

  /** Hidden directories belong to file systems, to version control, and to writers. */
  private static boolean isVisibleDirectory(Path path) {
    return !path.getFileName().toString().startsWith(".") && Files.isDirectory(path);
  }
}
