package org.wasmbroker.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A directory for files that this process trusts, such as code that it executes: only its user may
 * write to it.
 */
public final class PrivateDirectory {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private static final Integer ROOT = 0;

  private PrivateDirectory() {}

  /**
   * Creates the directory if it is missing, and checks that it is private.
   *
   * @throws IOException if it cannot be created, or another user owns it or can write to it
   */
  public static Path ensure(Path directory) throws IOException {
    var parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }
    requirePrivate(directory);
    if (!Files.isWritable(directory)) {
      throw new IOException(directory + " is not writable");
    }
    return directory;
  }

  /** Like {@link #ensure} for a directory within a private one, which must not be a link. */
  public static Path ensureWithin(Path parent, String name) throws IOException {
    var directory = parent.resolve(name);
    if (Files.isSymbolicLink(directory)) {
      throw new IOException(directory + " is a link");
    }
    return ensure(directory);
  }

  /** Checks that only the user of this process can write to a path. */
  public static void requirePrivate(Path path) throws IOException {
    if (!Files.getAttribute(path, "unix:uid").equals(currentUser())) {
      throw new IOException(path + " is owned by another user");
    }
    requireNoOtherWriters(path);
  }

  private static void requireNoOtherWriters(Path path) throws IOException {
    var permissions = Files.getPosixFilePermissions(path);
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(
          path + " is writable by others: " + PosixFilePermissions.toString(permissions));
    }
  }

  /**
   * Checks that nobody but root and the user of this process can write to a path: for files that
   * were installed, not written by this process.
   */
  public static void requireProtected(Path path) throws IOException {
    var owner = Files.getAttribute(path, "unix:uid");
    if (!owner.equals(ROOT) && !owner.equals(currentUser())) {
      throw new IOException(path + " is owned by another user");
    }
    requireNoOtherWriters(path);
  }

  private static Object currentUser() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }
}
