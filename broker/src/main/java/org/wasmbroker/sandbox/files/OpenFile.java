package org.wasmbroker.sandbox.files;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.files.RegularFile.Sink;
import org.wasmbroker.sandbox.files.RegularFile.Source;

/** A file or directory that a guest has open. Used by the run's thread. */
public final class OpenFile {
  /** The flag with which each write goes to the end. */
  public static final int APPEND = 1;

  private final FileSystem files;
  private final Mount mount;
  private final Node node;
  private final boolean reads;
  private final boolean writes;
  private final @Nullable String preopenedAs;
  private int flags;
  private long position;

  OpenFile(
      FileSystem files,
      Mount mount,
      Node node,
      boolean reads,
      boolean writes,
      @Nullable String preopenedAs) {
    this.files = files;
    this.mount = mount;
    this.node = node;
    this.reads = reads;
    this.writes = writes;
    this.preopenedAs = preopenedAs;
    if (mount.mode().writes()) {
      node.opened();
    }
  }

  Mount mount() {
    return mount;
  }

  /** Which of the run's directories it is in, from 1. */
  public int device() {
    return files.mounts().indexOf(mount) + 1;
  }

  public Node node() {
    return node;
  }

  public boolean reads() {
    return reads;
  }

  public boolean writes() {
    return writes;
  }

  public DirectoryMode mode() {
    return mount.mode();
  }

  /** The name under which the guest found it open; null for what it opened itself. */
  public @Nullable String preopenedAs() {
    return preopenedAs;
  }

  /** Whether each write goes to the end. */
  public boolean appends() {
    return (flags & APPEND) != 0;
  }

  /** As they were set; only {@link #APPEND} has an effect, as what is written is there at once. */
  public int flags() {
    return flags;
  }

  public void setFlags(int changed) {
    flags = changed;
  }

  public long position() {
    return position;
  }

  /**
   * Moves to a place, which may be beyond the end.
   *
   * @param whence 0 from the beginning, 1 from the position, 2 from the end
   * @throws FileException BAD_DESCRIPTOR for a directory, INVALID for a negative position
   */
  public long seek(long offset, int whence) throws FileException {
    var file = regular();
    long base =
        switch (whence) {
          case 0 -> 0;
          case 1 -> position;
          case 2 -> file.size();
          default -> throw new FileException(FileError.INVALID);
        };
    long target = base + offset;
    if (target < 0 || (offset > 0 && target < base)) {
      throw new FileException(FileError.INVALID);
    }
    position = target;
    return target;
  }

  /**
   * Where the next transfer of the file begins.
   *
   * @throws FileException BAD_DESCRIPTOR for a directory
   */
  public long tell() throws FileException {
    regular();
    return position;
  }

  /** Checks that its bytes may be read. */
  public void checkReadable() throws FileException {
    regular();
    if (!reads) {
      throw new FileException(FileError.BAD_DESCRIPTOR);
    }
  }

  /** Reads from the position on, and moves it; 0 at the end. */
  public int read(long max, Sink sink) throws FileException {
    int count = readAt(position, max, sink);
    position += count;
    return count;
  }

  /** Reads from an offset on, which is not negative; 0 at the end. */
  public int readAt(long offset, long max, Sink sink) throws FileException {
    checkReadable();
    int count = regular().read(offset, max, sink);
    files.usage().read(count);
    return count;
  }

  /**
   * Makes room for bytes that will be written at the position, which moves behind them, or at the
   * end if that is how the file was opened.
   *
   * @return where they begin
   * @throws FileException BAD_DESCRIPTOR, TOO_LARGE, NO_SPACE
   */
  public long beginWrite(long count) throws FileException {
    long at = appends() ? node.size() : position;
    beginWriteAt(at, count);
    position = at + count;
    return at;
  }

  /** Makes room for bytes that will be written at an offset, which is not negative. */
  public void beginWriteAt(long offset, long count) throws FileException {
    var file = regular();
    if (!writes) {
      throw new FileException(FileError.BAD_DESCRIPTOR);
    }
    if (offset > RegularFile.MAX_BYTES || count > RegularFile.MAX_BYTES) {
      throw new FileException(count == 0 ? FileError.INVALID : FileError.TOO_LARGE);
    }
    if (count > 0) {
      if (offset + count > file.size()) {
        file.resize(offset + count, files.space());
      }
      file.modified(files.now());
      files.usage().written(count);
    }
  }

  /** Writes bytes for which there is room. */
  public void put(long offset, int count, Source source) throws FileException {
    if (count > 0) {
      regular().write(offset, count, source);
    }
  }

  /** Cuts the file, or fills it up with zeros. */
  public void resize(long size) throws FileException {
    var file = regular();
    if (!writes) {
      throw new FileException(FileError.BAD_DESCRIPTOR);
    }
    if (size < 0) {
      throw new FileException(FileError.INVALID);
    }
    file.resize(size, files.space());
    file.modified(files.now());
  }

  /** Makes the file at least that large. */
  public void allocate(long offset, long length) throws FileException {
    var file = regular();
    if (!writes) {
      throw new FileException(FileError.BAD_DESCRIPTOR);
    }
    if (offset < 0 || length <= 0) {
      throw new FileException(FileError.INVALID);
    }
    if (offset > RegularFile.MAX_BYTES || length > RegularFile.MAX_BYTES) {
      throw new FileException(FileError.TOO_LARGE);
    }
    if (offset + length > file.size()) {
      file.resize(offset + length, files.space());
      file.modified(files.now());
    }
  }

  /** Sets times; null leaves one as it is. */
  public void setTimes(@Nullable Long access, @Nullable Long modification) throws FileException {
    files.setTimes(mount, node, access, modification);
  }

  /**
   * The directory, to list it.
   *
   * @throws FileException NOT_DIRECTORY, ACCESS
   */
  public Directory listed() throws FileException {
    if (!(node instanceof Directory directory)) {
      throw new FileException(FileError.NOT_DIRECTORY);
    }
    if (!mount.mode().reads()) {
      throw new FileException(FileError.ACCESS);
    }
    return directory;
  }

  /** The file, or BAD_DESCRIPTOR for a directory, as POSIX has it for what needs a file. */
  private RegularFile regular() throws FileException {
    if (node instanceof RegularFile file) {
      return file;
    }
    throw new FileException(FileError.BAD_DESCRIPTOR);
  }

  public void close() {
    if (mount.mode().writes()) {
      node.closed(files.space());
    }
  }
}
