package org.wasmbroker.capability;

import java.util.List;
import org.wasmbroker.sandbox.files.DirectoryMode;

/**
 * The directories that a manifest requests, in its order.
 *
 * @param directories none if it requests no files
 */
public record FilesRequest(List<RequestedDirectory> directories) {
  public static final FilesRequest NONE = new FilesRequest(List.of());

  public FilesRequest {
    directories = List.copyOf(directories);
  }

  /**
   * One directory.
   *
   * @param path its name for the guest, such as {@code /step}
   */
  public record RequestedDirectory(String path, DirectoryMode mode, DirectorySource source) {
    public RequestedDirectory {
      if (mode.writes() && !source.isWritable()) {
        throw new IllegalArgumentException(
            "what is from " + source.text() + " can only be read; mode was " + mode.text());
      }
    }

    /** Such as {@code /step (read-write, from input)}. */
    String describe() {
      return source == DirectorySource.EMPTY
          ? "%s (%s)".formatted(path, mode.text())
          : "%s (%s, from %s)".formatted(path, mode.text(), source.text());
    }
  }

  boolean isEmpty() {
    return directories.isEmpty();
  }
}
