package org.wasmbroker.sandbox.files;

import java.util.Arrays;

/** The bytes of a file. */
public final class RegularFile extends Node {
  /** What a Java array can have. */
  static final long MAX_BYTES = Integer.MAX_VALUE - 8;

  private static final int MIN_CAPACITY = 256;
  private static final byte[] EMPTY = {};

  /** Takes bytes out of an array. */
  @FunctionalInterface
  public interface Sink {
    void accept(byte[] bytes, int from, int count);
  }

  /** Puts bytes into an array. */
  @FunctionalInterface
  public interface Source {
    void copyTo(byte[] bytes, int at, int count);
  }

  private byte[] bytes;
  private int size;

  /** Whether others use the array as well. */
  private boolean shared;

  RegularFile(long inode, long time) {
    super(inode, time);
    this.bytes = EMPTY;
  }

  /** With content that is copied when it is changed. */
  RegularFile(long inode, long time, byte[] content) {
    super(inode, time);
    this.bytes = content;
    this.size = content.length;
    this.shared = true;
  }

  @Override
  public long size() {
    return size;
  }

  /** Hands over what there is from an offset on, at most that much, and says how much it was. */
  int read(long offset, long max, Sink sink) {
    if (offset >= size) {
      return 0;
    }
    int count = (int) Math.min(max, size - offset);
    sink.accept(bytes, (int) offset, count);
    return count;
  }

  /** Overwrites a range that the file has. */
  void write(long offset, int count, Source source) {
    own(size);
    source.copyTo(bytes, (int) offset, count);
  }

  /** Cuts it, or fills it up with zeros. */
  void resize(long newSize, Space space) throws FileException {
    if (newSize > MAX_BYTES) {
      throw new FileException(FileError.TOO_LARGE);
    }
    if (newSize > size) {
      space.addBytes(newSize - size);
      own(newSize);
      size = (int) newSize;
    } else if (newSize < size) {
      space.removeBytes(size - newSize);
      truncate((int) newSize);
    }
  }

  /** What is cut off is zero when the file grows again, and is not kept if it is much. */
  private void truncate(int newSize) {
    if (shared || newSize < bytes.length / 4) {
      bytes = Arrays.copyOf(bytes, newSize);
      shared = false;
    } else {
      Arrays.fill(bytes, newSize, size, (byte) 0);
    }
    size = newSize;
  }

  private void own(long needed) {
    if (needed > bytes.length) {
      long roomy = Math.max(MIN_CAPACITY, bytes.length + (bytes.length >> 1));
      bytes = Arrays.copyOf(bytes, (int) Math.min(MAX_BYTES, Math.max(needed, roomy)));
      shared = false;
    } else if (shared) {
      bytes = bytes.clone();
      shared = false;
    }
  }

  /** A copy of its bytes. */
  public byte[] content() {
    return Arrays.copyOf(bytes, size);
  }

  @Override
  void free(Space space) {
    space.removeBytes(size);
    bytes = EMPTY;
    size = 0;
  }
}
