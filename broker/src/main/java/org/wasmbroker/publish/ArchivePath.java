package org.wasmbroker.publish;

import java.util.Arrays;
import org.wasmbroker.step.SafeText;

/**
 * The path of an entry of an archive: relative, without {@code .} and {@code ..}, the same on every
 * file system.
 *
 * @param directory the directories before the name, joined by slashes; empty at the top
 */
record ArchivePath(String directory, String name) {
  private static final int MAX_LENGTH = 255;
  private static final int MAX_SHOWN = 120;

  /**
   * @param isDirectory whether a slash at the end belongs to it
   * @throws PackageRefusedException if it leads out of the archive, or means different things to
   *     different programs
   */
  static ArchivePath parse(String text, boolean isDirectory) {
    var path = isDirectory && text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    while (path.startsWith("./")) {
      path = path.substring(2);
    }
    if (isDirectory && path.equals(".")) {
      return new ArchivePath("", "");
    }
    if (path.isEmpty() || path.length() > MAX_LENGTH) {
      throw refused(text, "a path has 1 to " + MAX_LENGTH + " characters");
    }
    if (path.startsWith("/")) {
      throw refused(text, "it is absolute");
    }
    if (path.indexOf('\\') >= 0 || path.indexOf(':') >= 0) {
      throw refused(text, "it has a '\\' or ':', which lead elsewhere on some systems");
    }
    if (!path.equals(SafeText.sanitize(path, MAX_LENGTH)) || path.indexOf('\uFFFD') >= 0) {
      throw refused(text, "it has characters that cannot be printed");
    }
    for (var part : path.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        throw refused(text, "it has an empty part, '.' or '..'");
      }
    }
    int slash = path.lastIndexOf('/');
    return new ArchivePath(slash < 0 ? "" : path.substring(0, slash), path.substring(slash + 1));
  }

  private static PackageRefusedException refused(String path, String why) {
    return new PackageRefusedException(
        "the path '%s' is refused: %s".formatted(SafeText.sanitize(path, MAX_SHOWN), why));
  }

  /** Whether it lies at the top or in one directory. */
  boolean isShallow() {
    return Arrays.stream(directory.split("/", -1)).count() == 1;
  }

  @Override
  public String toString() {
    return directory.isEmpty() ? name : directory + "/" + name;
  }
}
