package org.wasmbroker.session;

import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.files.Directory;
import org.wasmbroker.sandbox.files.DirectoryMode;
import org.wasmbroker.sandbox.files.FileBudget;
import org.wasmbroker.sandbox.files.FileError;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.files.FilePath;
import org.wasmbroker.sandbox.files.FileSystem;
import org.wasmbroker.sandbox.files.FileSystem.OpenMode;
import org.wasmbroker.sandbox.files.FileTree;
import org.wasmbroker.sandbox.files.FileUsage;
import org.wasmbroker.sandbox.files.GuestFiles;
import org.wasmbroker.sandbox.files.Mount;
import org.wasmbroker.sandbox.files.Node;
import org.wasmbroker.sandbox.files.OpenFile;
import org.wasmbroker.sandbox.files.RegularFile;
import org.wasmbroker.sandbox.files.Space;
import org.wasmbroker.step.Document;

/**
 * The files of a session: one directory, {@code /}, for all of its commands. Paths are absolute,
 * and may have {@code .} and {@code ..} that do not lead above the root. Thread-safe.
 */
final class SessionFiles {
  /** Where commands begin. */
  static final String HOME = "/data";

  private static final OpenMode READ = new OpenMode(true, false, false, false, false, false);
  private static final OpenMode REPLACE = new OpenMode(false, true, true, false, false, true);
  private static final OpenMode APPEND = new OpenMode(false, true, true, false, false, false);

  private final long maxBytes;
  private final int maxEntries;
  private final LongSupplier clock;
  private final ReentrantLock lock = new ReentrantLock();
  private FileTree tree; // guarded by lock
  private Space space; // guarded by lock
  private FileSystem files; // guarded by lock
  private OpenFile root; // guarded by lock

  /**
   * @param clock nanoseconds since 1970
   */
  SessionFiles(long maxBytes, int maxEntries, LongSupplier clock) {
    this.maxBytes = maxBytes;
    this.maxEntries = maxEntries;
    this.clock = clock;
    this.tree = new FileTree(clock.getAsLong());
    this.space = newSpace();
    this.files = files(DirectoryMode.READ_WRITE, new FileUsage(), clock);
    this.root = files.preopened().getFirst();
    createHome();
  }

  private Space newSpace() {
    return new Space(maxBytes, maxEntries, new FileBudget(Long.MAX_VALUE));
  }

  private FileSystem files(DirectoryMode mode, FileUsage usage, LongSupplier time) {
    return FileSystem.shared(List.of(new Mount("/", mode, tree)), space, usage, time, lock);
  }

  private void createHome() {
    try {
      files.createDirectory(root, relative(HOME));
    } catch (FileException full) {
      throw new IllegalStateException("there is no room for a directory", full);
    }
  }

  /** Forgets everything; no command may be running. */
  void reset() {
    lock.lock();
    try {
      tree = new FileTree(clock.getAsLong());
      space = newSpace();
      files = files(DirectoryMode.READ_WRITE, new FileUsage(), clock);
      root = files.preopened().getFirst();
      createHome();
    } finally {
      lock.unlock();
    }
  }

  /** For one run of a command. */
  GuestFiles forRun(DirectoryMode mode) {
    return new RunFiles(
        (usage, time) -> {
          lock.lock();
          try {
            return files(mode, usage, time);
          } finally {
            lock.unlock();
          }
        });
  }

  /**
   * A path made absolute, without {@code .} and {@code ..}.
   *
   * @param from an absolute directory
   * @throws InvalidPathException if it leads above the root, or has a zero character
   */
  static String absolute(String from, String path) {
    if (path.isEmpty() || path.indexOf('\0') >= 0) {
      throw new InvalidPathException(path, "is not a path");
    }
    var names = new ArrayList<String>();
    for (var name : (path.startsWith("/") ? path : from + "/" + path).split("/", -1)) {
      if (name.equals("..")) {
        if (names.isEmpty()) {
          throw new InvalidPathException(path, "leads above /");
        }
        names.removeLast();
      } else if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return "/" + String.join("/", names);
  }

  /** Below the root. */
  private static FilePath relative(String absolute) throws FileException {
    return absolute.equals("/") ? FilePath.parse(".") : FilePath.parse(absolute.substring(1));
  }

  /** What a file system does while nobody else uses it. */
  @FunctionalInterface
  private interface Body<T> {
    T apply() throws FileException;
  }

  private <T> T locked(Body<T> body) throws FileException {
    lock.lock();
    try {
      return body.apply();
    } finally {
      lock.unlock();
    }
  }

  /** Writes a file, whose directories are created; returns its size. */
  long write(String path, byte[] content, boolean appends) throws FileException {
    return locked(
        () -> {
          createParents(path);
          try (var out = open(path, appends)) {
            out.write(content);
            return out.file.node().size();
          }
        });
  }

  private void createParents(String path) throws FileException {
    for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
      createDirectoryIfMissing(path.substring(0, slash));
    }
  }

  private void createDirectoryIfMissing(String path) throws FileException {
    var node = find(path);
    if (node == null) {
      files.createDirectory(root, relative(path));
    } else if (!(node instanceof Directory)) {
      throw new FileException(FileError.NOT_DIRECTORY);
    }
  }

  private @Nullable Node find(String path) throws FileException {
    try {
      return files.stat(root, relative(path));
    } catch (FileException refused) {
      if (refused.error() == FileError.NOT_FOUND) {
        return null;
      }
      throw refused;
    }
  }

  /** Opens a file to write to it, from its beginning or its end on. */
  Out open(String path, boolean appends) throws FileException {
    return locked(
        () -> {
          var file = files.open(root, relative(path), appends ? APPEND : REPLACE);
          file.setFlags(OpenFile.APPEND);
          return new Out(file);
        });
  }

  /** A file that is open to be written to. */
  final class Out implements AutoCloseable {
    private final OpenFile file;

    private Out(OpenFile file) {
      this.file = file;
    }

    void write(byte[] bytes) throws FileException {
      locked(
          () -> {
            long at = file.beginWrite(bytes.length);
            file.put(
                at,
                bytes.length,
                (target, to, count) -> System.arraycopy(bytes, 0, target, to, count));
            return at;
          });
    }

    @Override
    public void close() {
      lock.lock();
      try {
        file.close();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Reads a part of a file.
   *
   * @param length at most as much
   */
  Part read(String path, long offset, long length) throws FileException {
    return locked(
        () -> {
          var file = files.open(root, relative(path), READ);
          try {
            if (!(file.node() instanceof RegularFile regular)) {
              throw new FileException(FileError.IS_DIRECTORY);
            }
            long size = regular.size();
            var bytes = new byte[(int) Math.max(0, Math.min(length, size - offset))];
            if (bytes.length > 0) {
              file.readAt(
                  offset,
                  bytes.length,
                  (source, from, count) -> System.arraycopy(source, from, bytes, 0, count));
            }
            return new Part(Document.of(bytes), size);
          } finally {
            file.close();
          }
        });
  }

  /**
   * A part of a file.
   *
   * @param size of the whole file
   */
  record Part(Document content, long size) {}

  /** A file or directory of a list. */
  record Listed(String path, boolean isDirectory, long size) {}

  /** What is in a directory and, if wanted, below it. */
  List<Listed> list(String path, boolean recursive, int max) throws FileException {
    return locked(
        () -> {
          var listed = new ArrayList<Listed>();
          var node = files.stat(root, relative(path));
          if (!(node instanceof Directory directory)) {
            return List.of(new Listed(path, false, node.size()));
          }
          var left = new ArrayList<Level>();
          left.add(new Level(path.equals("/") ? "" : path, directory));
          while (!left.isEmpty() && listed.size() <= max) {
            var level = left.removeLast();
            for (var entry : level.directory().entries()) {
              var below = level.path() + "/" + entry.name();
              boolean isDirectory = entry.node() instanceof Directory;
              listed.add(new Listed(below, isDirectory, entry.node().size()));
              if (recursive && entry.node() instanceof Directory deeper) {
                left.add(new Level(below, deeper));
              }
            }
          }
          listed.sort((one, other) -> one.path().compareTo(other.path()));
          return List.copyOf(listed);
        });
  }

  private record Level(String path, Directory directory) {}

  /** The names in a directory; none if there is no such directory. */
  List<String> names(String path) {
    try {
      return locked(
          () -> {
            var names = new ArrayList<String>();
            if (files.stat(root, relative(path)) instanceof Directory directory) {
              directory.entries().forEach(entry -> names.add(entry.name()));
            }
            return names;
          });
    } catch (FileException notThere) {
      return List.of();
    }
  }

  boolean isDirectory(String path) {
    try {
      return locked(() -> files.stat(root, relative(path)) instanceof Directory);
    } catch (FileException notThere) {
      return false;
    }
  }

  boolean exists(String path) {
    try {
      return locked(() -> find(path) != null);
    } catch (FileException notThere) {
      return false;
    }
  }

  void createDirectory(String path) throws FileException {
    locked(
        () -> {
          createParents(path + "/");
          return path;
        });
  }

  /** Removes a file, or a directory, with all that is in it if wanted. */
  void remove(String path, boolean recursive) throws FileException {
    locked(
        () -> {
          if (!(files.stat(root, relative(path)) instanceof Directory directory)) {
            files.removeFile(root, relative(path));
            return path;
          }
          if (recursive) {
            removeContent(path, directory);
          }
          files.removeDirectory(root, relative(path));
          return path;
        });
  }

  /** Deepest first. */
  private void removeContent(String path, Directory directory) throws FileException {
    var levels = new ArrayList<Level>();
    levels.add(new Level(path.equals("/") ? "" : path, directory));
    for (int i = 0; i < levels.size(); i++) {
      var level = levels.get(i);
      for (var entry : level.directory().entries()) {
        if (entry.node() instanceof Directory deeper) {
          levels.add(new Level(level.path() + "/" + entry.name(), deeper));
        }
      }
    }
    for (var level : levels.reversed()) {
      var names = new ArrayList<String>();
      level
          .directory()
          .entries()
          .forEach(
              entry -> {
                if (entry.node() instanceof RegularFile) {
                  names.add(entry.name());
                }
              });
      for (var name : names) {
        files.removeFile(root, relative(level.path() + "/" + name));
      }
      if (!level.directory().equals(directory)) {
        files.removeDirectory(root, relative(level.path()));
      }
    }
  }

  /** How much there is. */
  Used used() {
    lock.lock();
    try {
      return new Used(space.bytes(), space.entries(), maxBytes, maxEntries);
    } finally {
      lock.unlock();
    }
  }

  /** Bytes and entries, and how many there may be. */
  record Used(long bytes, int entries, long maxBytes, int maxEntries) {}
}
