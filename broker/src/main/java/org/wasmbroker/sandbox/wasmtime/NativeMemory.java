package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Access to native memory by absolute address, for structures that libwasmtime passes or fills in.
 * Callers pass only addresses from libwasmtime or from an arena of the broker.
 */
final class NativeMemory {
  @SuppressWarnings("restricted")
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private NativeMemory() {}

  static int getInt(long address) {
    return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
  }

  static byte getByte(long address) {
    return ALL.get(ValueLayout.JAVA_BYTE, address);
  }

  static long getLong(long address) {
    return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
  }

  static void putLong(long address, long value) {
    ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
  }

  static void putByte(long address, byte value) {
    ALL.set(ValueLayout.JAVA_BYTE, address, value);
  }

  /** Copies part of an array to an address. */
  static void copy(byte[] source, int from, long address, int length) {
    MemorySegment.copy(source, from, ALL, ValueLayout.JAVA_BYTE, address, length);
  }

  /** Copies from one address to another. */
  static void copy(long source, long target, long length) {
    MemorySegment.copy(ALL, source, ALL, target, length);
  }

  static MemorySegment segment(long address, long size) {
    return ALL.asSlice(address, size);
  }

  static byte[] bytes(long address, long size) {
    return segment(address, size).toArray(ValueLayout.JAVA_BYTE);
  }
}
