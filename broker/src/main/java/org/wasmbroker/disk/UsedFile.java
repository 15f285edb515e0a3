package org.wasmbroker.disk;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * A file of a directory that is bounded, and when it was last used: its modification time, since
 * access times are often switched off.
 *
 * @param bytes its size
 * @param used about when it was last used
 */
public record UsedFile(Path path, long bytes, Instant used) {
  /** The exactness of {@link #used}: not every use is worth a write to the disk. */
  private static final Duration TOUCH_INTERVAL = Duration.ofDays(1);

  /** What was removed. */
  public record Freed(int files, long bytes) {
    public static final Freed NOTHING = new Freed(0, 0);

    public Freed plus(Freed other) {
      return new Freed(files + other.files, bytes + other.bytes);
    }
  }

  /** Notes that a file is used; failing at that has no consequence but its earlier removal. */
  public static void touch(Path file, Instant now) {
    try {
      if (modified(file).isBefore(now.minus(TOUCH_INTERVAL))) {
        Files.setLastModifiedTime(file, FileTime.from(now));
      }
    } catch (IOException readOnlyOrGone) {
      // It is used all the same.
    }
  }

  private static Instant modified(Path file) throws IOException {
    return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
  }

  /** The regular files of a directory with these names; links are none. */
  public static List<UsedFile> list(Path directory, Predicate<String> names) throws IOException {
    var found = new ArrayList<UsedFile>();
    DirectoryStream.Filter<Path> filter = path -> names.test(path.getFileName().toString());
    try (var paths = Files.newDirectoryStream(directory, filter)) {
      for (var path : paths) {
        addTo(found, path);
      }
    } catch (DirectoryIteratorException failed) {
      throw failed.getCause();
    }
    return found;
  }

  private static void addTo(List<UsedFile> found, Path path) throws IOException {
    try {
      var attributes =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (attributes.isRegularFile()) {
        var used = attributes.lastModifiedTime().toInstant();
        found.add(new UsedFile(path, attributes.size(), used));
      }
    } catch (NoSuchFileException removedMeanwhile) {
      // By another broker.
    }
  }

  public static long bytes(List<UsedFile> files) {
    return files.stream().mapToLong(UsedFile::bytes).sum();
  }

  /**
   * Removes files, those first that were not used for longest, until enough bytes are free. Whoever
   * reads one of them meanwhile reads it to its end.
   */
  public static Freed remove(List<UsedFile> files, long bytesToFree) throws IOException {
    var freed = Freed.NOTHING;
    for (var file : files.stream().sorted(Comparator.comparing(UsedFile::used)).toList()) {
      if (freed.bytes() >= bytesToFree) {
        break;
      }
      if (Files.deleteIfExists(file.path())) {
        freed = freed.plus(new Freed(1, file.bytes()));
      }
    }
    return freed;
  }
}
