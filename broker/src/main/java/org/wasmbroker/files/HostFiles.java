package org.wasmbroker.files;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.files.FilePath;
import org.wasmbroker.sandbox.files.FileTree;
import org.wasmbroker.sandbox.files.Space;

/**
 * What is in a directory of the host, and a copy of it in memory. Links are left out, wherever they
 * lead, and so is what is neither a file nor a directory.
 */
final class HostFiles {
  private static final int MAX_ENTRIES = 100_000;

  /** A file or directory that was found. */
  record Found(Path path, boolean isDirectory, long size, Instant modified) {}

  private HostFiles() {}

  /** All that is below a directory, by path. */
  static List<Found> find(Path directory) throws IOException {
    return find(directory, MAX_ENTRIES);
  }

  /**
   * The same with another bound.
   *
   * @throws IOException if there are more files and directories than that
   */
  static List<Found> find(Path directory, int maxEntries) throws IOException {
    var found = new ArrayList<Found>();
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path below, BasicFileAttributes is)
              throws IOException {
            if (!below.equals(directory)) {
              add(new Found(below, true, 0, Instant.EPOCH));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes is) throws IOException {
            if (is.isRegularFile()) {
              add(new Found(file, false, is.size(), is.lastModifiedTime().toInstant()));
            }
            return FileVisitResult.CONTINUE;
          }

          private void add(Found one) throws IOException {
            if (found.size() == maxEntries) {
              throw new IOException("has more than " + maxEntries + " files and directories");
            }
            found.add(one);
          }
        });
    found.sort(Comparator.comparing(each -> each.path().toString()));
    return found;
  }

  /**
   * Adds what was found to a tree.
   *
   * @param bound what bounds the space, for the message
   * @throws IOException if something cannot be read, has a name that guests cannot use, or does not
   *     fit
   */
  static void copy(Path directory, List<Found> found, FileTree tree, Space space, String bound)
      throws IOException {
    for (var each : found) {
      var name = directory.relativize(each.path()).toString();
      try {
        var path = FilePath.parse(name);
        if (each.isDirectory()) {
          tree.addDirectory(path, 0, space);
        } else {
          tree.addFile(path, content(each), nanos(each.modified()), space);
        }
      } catch (FileException refused) {
        throw new IOException(
            switch (refused.error()) {
              case NO_SPACE -> "does not fit into " + bound;
              default -> "has a name that guests cannot use: " + name;
            },
            refused);
      }
    }
  }

  /** At most as much as it had when it was found. */
  private static byte[] content(Found file) throws IOException {
    try (var in = Files.newInputStream(file.path(), LinkOption.NOFOLLOW_LINKS)) {
      return in.readNBytes((int) Math.min(file.size(), Integer.MAX_VALUE - 8L));
    }
  }

  private static long nanos(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }
}
