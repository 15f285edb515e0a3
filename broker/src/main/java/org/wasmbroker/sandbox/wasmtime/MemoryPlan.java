package org.wasmbroker.sandbox.wasmtime;

import org.wasmbroker.sandbox.EngineConfig;

/**
 * Where guests' memories live in the address space, decided before the engine is made: libwasmtime
 * ends the process when it cannot reserve its pool.
 *
 * @param pooled whether a slot's memory is reserved once, and reused by its next guest
 * @param reservation the address space of one memory; with 4 GiB no access of a 32-bit guest needs
 *     a check of its bounds in the compiled code
 * @param guard the unmapped space after each memory
 */
record MemoryPlan(boolean pooled, long reservation, long guard) {
  private static final long GIB = 1L << 30;
  private static final long PAGE = 64 << 10;
  private static final long WIDE_GUARD = 32L << 20;

  /** What the rest of the process may still want to reserve. */
  private static final long RESERVED_FOR_PROCESS = GIB;

  /** Instances, tables and rounding of one slot. */
  private static final long SLOT_OVERHEAD = 4L << 20;

  static MemoryPlan of(EngineConfig config, long freeAddressSpace) {
    long free = freeAddressSpace - RESERVED_FOR_PROCESS;
    var wide = new MemoryPlan(true, 4 * GIB, WIDE_GUARD);
    if (wide.bytes(config.slots()) <= free) {
      return wide;
    }
    long memory = (config.memoryBytes() + PAGE - 1) / PAGE * PAGE;
    var narrow = new MemoryPlan(true, memory, 0);
    return narrow.bytes(config.slots()) <= free ? narrow : new MemoryPlan(false, memory, 0);
  }

  /** The address space of a pool of so many slots. */
  long bytes(int slots) {
    return (reservation + guard + SLOT_OVERHEAD) * slots + guard;
  }
}
