package org.wasmbroker.sandbox.files;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a guest has open, by number. The numbers below the first one belong to the standard streams.
 * Used by the run's thread.
 */
public final class Descriptors {
  /** The first one after the standard streams. */
  public static final int FIRST = 3;

  /** How many at most. */
  public static final int MAX = 256;

  private final List<@Nullable OpenFile> open = new ArrayList<>();
  private final @Nullable FileSystem files;

  /**
   * @param files null if there are none
   */
  public Descriptors(@Nullable FileSystem files) {
    this.files = files;
    if (files != null) {
      lock();
      try {
        open.addAll(files.preopened());
      } finally {
        unlock();
      }
    }
  }

  /** Keeps other runs from the directories, if they are shared; held while a file is used. */
  public void lock() {
    var lock = files == null ? null : files.lock();
    if (lock != null) {
      lock.lock();
    }
  }

  /** Ends {@link #lock}. */
  public void unlock() {
    var lock = files == null ? null : files.lock();
    if (lock != null) {
      lock.unlock();
    }
  }

  /**
   * What has that number.
   *
   * @throws FileException BAD_DESCRIPTOR if nothing has
   */
  public OpenFile get(int number) throws FileException {
    var found = find(number);
    if (found == null) {
      throw new FileException(FileError.BAD_DESCRIPTOR);
    }
    return found;
  }

  /** What has that number, or null. */
  public @Nullable OpenFile find(int number) {
    int index = number - FIRST;
    return index >= 0 && index < open.size() ? open.get(index) : null;
  }

  /** The run's files; what asks has an open one. */
  public FileSystem files() throws FileException {
    if (files == null) {
      throw new FileException(FileError.BAD_DESCRIPTOR);
    }
    return files;
  }

  /** The run's files; null if there are none. */
  public @Nullable FileSystem filesIfAny() {
    return files;
  }

  /**
   * Checks that one more can be opened.
   *
   * @throws FileException TOO_MANY_OPEN
   */
  public void checkFree() throws FileException {
    if (freeIndex() == MAX) {
      throw new FileException(FileError.TOO_MANY_OPEN);
    }
  }

  /** Gives an open file the lowest free number. */
  public int add(OpenFile file) {
    int index = freeIndex();
    if (index == open.size()) {
      open.add(file);
    } else {
      open.set(index, file);
    }
    return index + FIRST;
  }

  private int freeIndex() {
    int index = open.indexOf(null);
    return index < 0 ? open.size() : index;
  }

  public void close(int number) throws FileException {
    get(number).close();
    open.set(number - FIRST, null);
  }

  /** Closes what is open, when the run has ended. */
  public void closeAll() {
    lock();
    try {
      for (var file : open) {
        if (file != null) {
          file.close();
        }
      }
      open.clear();
    } finally {
      unlock();
    }
  }

  /** Gives a file the number of another, which is closed. */
  public void renumber(int from, int to) throws FileException {
    var moved = get(from);
    get(to);
    if (from != to) {
      close(to);
      open.set(to - FIRST, moved);
      open.set(from - FIRST, null);
    }
  }
}
