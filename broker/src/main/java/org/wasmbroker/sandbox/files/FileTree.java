package org.wasmbroker.sandbox.files;

import org.jspecify.annotations.Nullable;

/** A directory and everything below it. Once nobody writes to it any more, it may be shared. */
public final class FileTree {
  private final Directory root;
  private long nextInode = 2;

  /**
   * An empty one.
   *
   * @param time of the directory, nanoseconds since 1970
   */
  public FileTree(long time) {
    this.root = new Directory(1, time);
  }

  public Directory root() {
    return root;
  }

  /**
   * Adds a file, and the directories above it that are missing.
   *
   * @param path below the root, without {@code .} and {@code ..}
   * @param content not to be changed by the caller any more
   * @throws FileException if there is something else under that path, it leads elsewhere, or there
   *     is no space
   */
  public void addFile(FilePath path, byte[] content, long time, Space space) throws FileException {
    if (path.slash()) {
      throw new FileException(FileError.IS_DIRECTORY);
    }
    int last = path.names().size() - 1;
    if (last < 0) {
      throw new FileException(FileError.NOT_FOUND);
    }
    var parent = directories(path, last, time, space);
    var name = plain(path.names().get(last));
    if (parent.get(name) != null) {
      throw new FileException(FileError.EXISTS);
    }
    space.addEntry();
    space.addBytes(content.length);
    parent.add(name, new RegularFile(nextInode++, time, content));
  }

  /** Adds a directory, and those above it that are missing. */
  public void addDirectory(FilePath path, long time, Space space) throws FileException {
    directories(path, path.names().size(), time, space);
  }

  private Directory directories(FilePath path, int count, long time, Space space)
      throws FileException {
    var at = root;
    for (var name : path.names().subList(0, count)) {
      var node = at.get(plain(name));
      if (node == null) {
        at = createDirectory(at, name, time, space);
      } else if (node instanceof Directory directory) {
        at = directory;
      } else {
        throw new FileException(FileError.NOT_DIRECTORY);
      }
    }
    return at;
  }

  private static String plain(String name) throws FileException {
    if (name.equals(".") || name.equals("..")) {
      throw new FileException(FileError.OUTSIDE);
    }
    return name;
  }

  Directory createDirectory(Directory parent, String name, long time, Space space)
      throws FileException {
    return add(parent, name, new Directory(nextInode++, time), space);
  }

  RegularFile createFile(Directory parent, String name, long time, Space space)
      throws FileException {
    return add(parent, name, new RegularFile(nextInode++, time), space);
  }

  private static <N extends Node> N add(Directory parent, String name, N created, Space space)
      throws FileException {
    space.addEntry();
    parent.add(name, created);
    return created;
  }

  /** What is under a path; null if nothing is. */
  public @Nullable Node find(FilePath path) {
    Node at = root;
    for (var name : path.names()) {
      if (!(at instanceof Directory directory)) {
        return null;
      }
      var next = directory.get(name);
      if (next == null) {
        return null;
      }
      at = next;
    }
    return at;
  }
}
