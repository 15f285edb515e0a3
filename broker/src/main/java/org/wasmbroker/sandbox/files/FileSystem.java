package org.wasmbroker.sandbox.files;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The directories of one run and what can be done by path. A path is followed from an open
 * directory and never leads above it. There are no links. Used by the run's thread.
 */
public final class FileSystem implements AutoCloseable {
  private final List<Mount> mounts;
  private final Space space;
  private final FileUsage usage;
  private final LongSupplier clock;
  private final @Nullable Lock lock;

  /**
   * @param mounts in the order in which the guest finds them
   * @param space of what can be written
   * @param clock nanoseconds since 1970
   */
  public FileSystem(List<Mount> mounts, Space space, FileUsage usage, LongSupplier clock) {
    this(mounts, space, usage, clock, null);
  }

  /**
   * Of directories that other runs use at the same time, and that stay when this one ends.
   *
   * @param lock guards the directories; whoever uses a file system that has one holds it
   */
  public static FileSystem shared(
      List<Mount> mounts, Space space, FileUsage usage, LongSupplier clock, Lock lock) {
    return new FileSystem(mounts, space, usage, clock, lock);
  }

  private FileSystem(
      List<Mount> mounts, Space space, FileUsage usage, LongSupplier clock, @Nullable Lock lock) {
    this.mounts = List.copyOf(mounts);
    this.space = space;
    this.usage = usage;
    space.count(usage);
    this.clock = clock;
    this.lock = lock;
  }

  /** What guards the directories; null if no other run uses them. */
  public @Nullable Lock lock() {
    return lock;
  }

  /**
   * How to open something.
   *
   * @param reads whether its bytes will be read
   * @param writes whether it will be written
   * @param create whether to create a file if there is nothing
   * @param exclusive whether what is there is an error then
   * @param directory whether it must be a directory
   * @param truncate whether to empty the file
   */
  public record OpenMode(
      boolean reads,
      boolean writes,
      boolean create,
      boolean exclusive,
      boolean directory,
      boolean truncate) {}

  /**
   * Where a path leads.
   *
   * @param parent the directory with the name; null if the path ends in the directory itself
   * @param node what is there, or null
   */
  private record Target(
      @Nullable Directory parent, String name, @Nullable Node node, boolean slash) {
    Node existing() throws FileException {
      if (node == null) {
        throw new FileException(FileError.NOT_FOUND);
      }
      if (slash && !(node instanceof Directory)) {
        throw new FileException(FileError.NOT_DIRECTORY);
      }
      return node;
    }
  }

  /** The directories as they are open when the guest begins. */
  public List<OpenFile> preopened() {
    var opened = new ArrayList<OpenFile>(mounts.size());
    for (var mount : mounts) {
      opened.add(new OpenFile(this, mount, mount.tree().root(), true, false, mount.path()));
    }
    return opened;
  }

  public List<Mount> mounts() {
    return mounts;
  }

  Space space() {
    return space;
  }

  FileUsage usage() {
    return usage;
  }

  long now() {
    return clock.getAsLong();
  }

  /**
   * Opens what a path leads to.
   *
   * @throws FileException if it is not there, is there, is of another kind, is not granted, or does
   *     not fit
   */
  public OpenFile open(OpenFile from, FilePath path, OpenMode mode) throws FileException {
    if (mode.directory() && (mode.create() || mode.truncate())) {
      throw new FileException(FileError.INVALID);
    }
    var mount = from.mount();
    var target = follow(from, path);
    boolean creates = mode.create() && target.node() == null;
    if (creates || mode.truncate() || mode.writes()) {
      checkWritable(mount);
    }
    if (creates) {
      return created(mount, target, mode);
    }
    var node = target.existing();
    if (mode.create() && mode.exclusive()) {
      throw new FileException(FileError.EXISTS);
    }
    if (node instanceof Directory) {
      if (mode.writes() || mode.truncate()) {
        throw new FileException(FileError.IS_DIRECTORY);
      }
      return opened(mount, node, mode.reads(), false);
    }
    if (mode.directory()) {
      throw new FileException(FileError.NOT_DIRECTORY);
    }
    if (mode.reads() && !mount.mode().reads()) {
      throw new FileException(FileError.ACCESS);
    }
    if (mode.truncate() && node instanceof RegularFile file) {
      file.resize(0, space);
      file.modified(now());
    }
    return opened(mount, node, mode.reads(), mode.writes());
  }

  private OpenFile created(Mount mount, Target target, OpenMode mode) throws FileException {
    if (target.slash()) {
      throw new FileException(FileError.IS_DIRECTORY);
    }
    if (mode.reads() && !mount.mode().reads()) {
      throw new FileException(FileError.ACCESS);
    }
    var parent = parentOf(target);
    long now = now();
    var file = mount.tree().createFile(parent, target.name(), now, space);
    parent.modified(now);
    usage.created();
    return opened(mount, file, mode.reads(), mode.writes());
  }

  private OpenFile opened(Mount mount, Node node, boolean reads, boolean writes) {
    usage.opened();
    return new OpenFile(this, mount, node, reads, writes, null);
  }

  /** What is under a path. */
  public Node stat(OpenFile from, FilePath path) throws FileException {
    return follow(from, path).existing();
  }

  /** Sets the times of what is under a path; null leaves one as it is. */
  public void setTimes(
      OpenFile from, FilePath path, @Nullable Long access, @Nullable Long modification)
      throws FileException {
    setTimes(from.mount(), follow(from, path).existing(), access, modification);
  }

  void setTimes(Mount mount, Node node, @Nullable Long access, @Nullable Long modification)
      throws FileException {
    checkWritable(mount);
    node.setTimes(
        access == null ? node.accessTime() : access,
        modification == null ? node.modificationTime() : modification,
        now());
  }

  public void createDirectory(OpenFile from, FilePath path) throws FileException {
    var target = follow(from, path);
    if (target.node() != null) {
      throw new FileException(FileError.EXISTS);
    }
    checkWritable(from.mount());
    var parent = parentOf(target);
    long now = now();
    var _ = from.mount().tree().createDirectory(parent, target.name(), now, space);
    parent.modified(now);
    usage.created();
  }

  public void removeDirectory(OpenFile from, FilePath path) throws FileException {
    var target = follow(from, path);
    if (!(target.existing() instanceof Directory directory)) {
      throw new FileException(FileError.NOT_DIRECTORY);
    }
    checkWritable(from.mount());
    if (target.parent() == null) {
      throw new FileException(FileError.INVALID);
    }
    if (!directory.isEmpty()) {
      throw new FileException(FileError.NOT_EMPTY);
    }
    remove(target.parent(), target.name(), directory);
  }

  public void removeFile(OpenFile from, FilePath path) throws FileException {
    var target = follow(from, path);
    var node = target.existing();
    if (node instanceof Directory || target.parent() == null) {
      throw new FileException(FileError.IS_DIRECTORY);
    }
    checkWritable(from.mount());
    remove(target.parent(), target.name(), node);
  }

  private void remove(Directory parent, String name, Node node) {
    parent.take(name);
    parent.modified(now());
    node.remove(space);
    space.removeEntry();
    usage.removed();
  }

  /**
   * Renames within one of the run's directories. A file takes the place of a file, a directory that
   * of an empty directory.
   */
  public void rename(OpenFile from, FilePath path, OpenFile to, FilePath newPath)
      throws FileException {
    var source = follow(from, path);
    var node = source.existing();
    var target = follow(to, newPath);
    if (!from.mount().equals(to.mount())) {
      throw new FileException(FileError.OTHER_DIRECTORY);
    }
    checkWritable(from.mount());
    if (source.parent() == null || target.parent() == null) {
      throw new FileException(FileError.INVALID);
    }
    if (target.slash() && !(node instanceof Directory)) {
      throw new FileException(FileError.NOT_DIRECTORY);
    }
    if (node == target.node()) {
      return;
    }
    var newParent = parentOf(target);
    if (node instanceof Directory directory && newParent.isWithin(directory)) {
      throw new FileException(FileError.INVALID);
    }
    if (target.node() != null) {
      checkReplaceable(node, target.node());
      remove(newParent, target.name(), target.node());
    }
    source.parent().take(source.name());
    newParent.add(target.name(), node);
    long now = now();
    source.parent().modified(now);
    newParent.modified(now);
  }

  private static void checkReplaceable(Node node, Node replaced) throws FileException {
    if (replaced instanceof Directory directory) {
      if (!(node instanceof Directory)) {
        throw new FileException(FileError.IS_DIRECTORY);
      }
      if (!directory.isEmpty()) {
        throw new FileException(FileError.NOT_EMPTY);
      }
    } else if (node instanceof Directory) {
      throw new FileException(FileError.NOT_DIRECTORY);
    }
  }

  private static void checkWritable(Mount mount) throws FileException {
    if (!mount.mode().writes()) {
      throw new FileException(FileError.READ_ONLY);
    }
  }

  /** Nothing is created in a directory that was removed while it was open. */
  private static Directory parentOf(Target target) throws FileException {
    var parent = target.parent();
    if (parent == null || parent.isRemoved()) {
      throw new FileException(FileError.NOT_FOUND);
    }
    return parent;
  }

  private static Target follow(OpenFile from, FilePath path) throws FileException {
    if (!(from.node() instanceof Directory base)) {
      throw new FileException(FileError.NOT_DIRECTORY);
    }
    var above = new ArrayList<Directory>();
    var at = base;
    int last = path.names().size() - 1;
    for (int i = 0; i <= last; i++) {
      var name = path.names().get(i);
      if (name.equals("..")) {
        if (above.isEmpty()) {
          throw new FileException(FileError.OUTSIDE);
        }
        at = above.removeLast();
      } else if (!name.equals(".")) {
        var node = at.get(name);
        if (i == last) {
          return new Target(at, name, node, path.slash());
        }
        above.add(at);
        at = directory(node);
      }
    }
    return new Target(null, "", at, true);
  }

  private static Directory directory(@Nullable Node node) throws FileException {
    if (node instanceof Directory directory) {
      return directory;
    }
    throw new FileException(node == null ? FileError.NOT_FOUND : FileError.NOT_DIRECTORY);
  }

  /** Gives its memory back, unless its directories stay. */
  @Override
  public void close() {
    if (lock == null) {
      space.close();
    }
  }
}
