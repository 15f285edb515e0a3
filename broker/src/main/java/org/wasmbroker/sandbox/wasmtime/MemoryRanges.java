package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The parts of a linear memory that differ from another state of it: ranges of bytes in ascending
 * order, and their content one after the other. Immutable.
 */
final class MemoryRanges {
  /** What an array needs besides its elements, at most. */
  private static final int ARRAY_OVERHEAD = 24;

  private final int[] offsets;
  private final int[] lengths;
  private final byte[] content;

  private MemoryRanges(int[] offsets, int[] lengths, byte[] content) {
    this.offsets = offsets;
    this.lengths = lengths;
    this.content = content;
  }

  /** What it occupies, in bytes. */
  long bytes() {
    return 3L * ARRAY_OVERHEAD + 8L * offsets.length + content.length;
  }

  int count() {
    return offsets.length;
  }

  /** Copies the ranges into a memory that starts at this address and is large enough. */
  void copyTo(long base) {
    int from = 0;
    for (int range = 0; range < offsets.length; range++) {
      int length = lengths[range];
      NativeMemory.copy(content, from, base + Integer.toUnsignedLong(offsets[range]), length);
      from += length;
    }
  }

  /** Collects ranges of a memory, in ascending order. */
  static final class Builder {
    private final MemorySegment memory;
    private int[] offsets = new int[64];
    private int[] lengths = new int[64];
    private int count;
    private long total;

    Builder(MemorySegment memory) {
      this.memory = memory;
    }

    /**
     * Adds a range.
     *
     * @param gap a range that begins at most this many bytes after the end of the last one is
     *     joined with it, together with what is between them
     */
    void add(long offset, int length, int gap) {
      if (count > 0) {
        long end = Integer.toUnsignedLong(offsets[count - 1]) + lengths[count - 1];
        long joined = offset + length - Integer.toUnsignedLong(offsets[count - 1]);
        if (offset - end <= gap && joined <= Integer.MAX_VALUE) {
          total += joined - lengths[count - 1];
          lengths[count - 1] = (int) joined;
          return;
        }
      }
      if (count == offsets.length) {
        offsets = Arrays.copyOf(offsets, 2 * count);
        lengths = Arrays.copyOf(lengths, 2 * count);
      }
      offsets[count] = (int) offset;
      lengths[count] = length;
      count++;
      total += length;
    }

    /** What the ranges so far would occupy, in bytes. */
    long bytes() {
      return 3L * ARRAY_OVERHEAD + 8L * count + total;
    }

    /** Copies the ranges out of the memory. */
    MemoryRanges build() {
      var content = new byte[Math.toIntExact(total)];
      int to = 0;
      for (int range = 0; range < count; range++) {
        MemorySegment.copy(
            memory,
            ValueLayout.JAVA_BYTE,
            Integer.toUnsignedLong(offsets[range]),
            content,
            to,
            lengths[range]);
        to += lengths[range];
      }
      return new MemoryRanges(
          Arrays.copyOf(offsets, count), Arrays.copyOf(lengths, count), content);
    }
  }
}
