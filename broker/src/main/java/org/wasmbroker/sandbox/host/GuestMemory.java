package org.wasmbroker.sandbox.host;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A guest's linear memory during one host call. Pointers and lengths come from the guest as
 * unsigned 32-bit numbers and are checked in 64-bit arithmetic before a byte is touched.
 */
public final class GuestMemory {
  private static final ValueLayout.OfInt LITTLE_ENDIAN_I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LITTLE_ENDIAN_I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment bytes;

  /**
   * @param bytes the whole memory, as large as it is now
   */
  public GuestMemory(MemorySegment bytes) {
    this.bytes = bytes;
  }

  public long size() {
    return bytes.byteSize();
  }

  /** Whether the range lies in the memory; an empty range may start at its very end. */
  public boolean contains(int offset, int length) {
    return contains(offset, Integer.toUnsignedLong(length));
  }

  /**
   * @param length at most 2^40 bytes, such as a number of elements times their size
   */
  boolean contains(int offset, long length) {
    return Integer.toUnsignedLong(offset) + length <= bytes.byteSize();
  }

  /** Copies a range out of the memory; the caller has checked and capped it. */
  public byte[] read(int offset, int length) {
    return bytes
        .asSlice(Integer.toUnsignedLong(offset), Integer.toUnsignedLong(length))
        .toArray(ValueLayout.JAVA_BYTE);
  }

  /** Copies a range out of the memory into an array; the caller has checked it. */
  public void readInto(int offset, byte[] target, int at, int length) {
    MemorySegment.copy(
        bytes, ValueLayout.JAVA_BYTE, Integer.toUnsignedLong(offset), target, at, length);
  }

  void writeI8(int offset, int value) {
    bytes.set(ValueLayout.JAVA_BYTE, Integer.toUnsignedLong(offset), (byte) value);
  }

  /** Copies bytes into the memory; the caller has checked the range. */
  public void write(int offset, byte[] source, int from, int length) {
    MemorySegment.copy(
        source, from, bytes, ValueLayout.JAVA_BYTE, Integer.toUnsignedLong(offset), length);
  }

  public int readI32(int offset) {
    return bytes.get(LITTLE_ENDIAN_I32, Integer.toUnsignedLong(offset));
  }

  public void writeI32(int offset, int value) {
    bytes.set(LITTLE_ENDIAN_I32, Integer.toUnsignedLong(offset), value);
  }

  public long readI64(int offset) {
    return bytes.get(LITTLE_ENDIAN_I64, Integer.toUnsignedLong(offset));
  }

  public void writeI64(int offset, long value) {
    bytes.set(LITTLE_ENDIAN_I64, Integer.toUnsignedLong(offset), value);
  }
}
