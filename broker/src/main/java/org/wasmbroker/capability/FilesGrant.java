package org.wasmbroker.capability;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.files.DirectoryMode;

/**
 * The directories that a handler's guests find.
 *
 * @param bytes what all files of a step may have together
 * @param entries how many files and directories there may be
 * @param directories in the order of the manifest; none if nothing is granted
 */
public record FilesGrant(long bytes, int entries, List<GrantedDirectory> directories) {
  public static final FilesGrant NONE = new FilesGrant(0, 0, List.of());

  public FilesGrant {
    directories = List.copyOf(directories);
  }

  /**
   * One directory.
   *
   * @param path its name for the guest, such as {@code /step}
   * @param operators the operator's directory, or null for another source
   */
  public record GrantedDirectory(
      String path, DirectoryMode mode, DirectorySource source, @Nullable Path operators) {
    String describe() {
      return new FilesRequest.RequestedDirectory(path, mode, source).describe();
    }
  }

  public boolean isNone() {
    return directories.isEmpty();
  }

  /** Such as {@code 4194304 bytes, 1000 entries: /step (read-write)}. */
  String describe() {
    return "%d bytes, %d entries: %s"
        .formatted(
            bytes,
            entries,
            String.join(", ", directories.stream().map(GrantedDirectory::describe).toList()));
  }
}
