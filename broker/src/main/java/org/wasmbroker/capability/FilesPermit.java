package org.wasmbroker.capability;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.wasmbroker.sandbox.files.DirectoryMode;

/**
 * What rules of a policy permit of files.
 *
 * @param bytes what all files of a step may have together; 0 for no files
 * @param entries how many files and directories there may be
 * @param mode the most that a directory may be
 * @param directories the operator's directories by the names that guests have for them
 */
public record FilesPermit(
    long bytes, int entries, DirectoryMode mode, Map<String, Path> directories) {
  public static final FilesPermit NONE = new FilesPermit(0, 0, DirectoryMode.NONE, Map.of());

  static final int DEFAULT_ENTRIES = 1000;

  private static final long MIN_BYTES = 4 << 10;
  private static final long MAX_BYTES = 1 << 30;
  private static final int MAX_ENTRIES = 100_000;

  public FilesPermit {
    directories = Map.copyOf(directories);
    if (bytes != 0 || entries != 0) {
      if (bytes < MIN_BYTES || bytes > MAX_BYTES) {
        throw new IllegalArgumentException("size must be 4KiB to 1GiB, was " + bytes + " bytes");
      }
      if (entries < 1 || entries > MAX_ENTRIES) {
        throw new IllegalArgumentException(
            "entries must be 1 to " + MAX_ENTRIES + ", was " + entries);
      }
    }
  }

  /** Of a size, with the defaults of the rest. */
  static FilesPermit ofSize(long bytes) {
    return new FilesPermit(bytes, DEFAULT_ENTRIES, DirectoryMode.READ_WRITE, Map.of());
  }

  boolean isNone() {
    return bytes == 0;
  }

  /** The larger one of each bound; of a directory that both name, the later one's. */
  FilesPermit or(FilesPermit later) {
    var both = new LinkedHashMap<>(directories);
    both.putAll(later.directories);
    return new FilesPermit(
        Math.max(bytes, later.bytes), Math.max(entries, later.entries), mode.or(later.mode), both);
  }

  /** Such as {@code 4194304 bytes, 1000 entries, read-write}. */
  String describe() {
    return "%d bytes, %d entries, %s".formatted(bytes, entries, mode.text());
  }
}
