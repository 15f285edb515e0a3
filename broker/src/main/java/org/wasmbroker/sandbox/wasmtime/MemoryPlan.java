package org.wasmbroker.sandbox.wasmtime;

import org.wasmbroker.sandbox.EngineConfig;

/**
 * How guest memories are laid out in the address space. This is decided before the engine is
 * created, because libwasmtime aborts the process if it cannot reserve its pool.
 *
 * @param pooled whether a slot's memory is reserved once and reused by its next guest
 * @param reservation the address space reserved for one memory; with 4 GiB the compiled code of a
 *     32-bit guest needs no bounds checks
 * @param guard the unmapped space after each memory
 */
record MemoryPlan(boolean pooled, long reservation, long guard) {
  private static final long GIB = 1L << 30;
  private static final long PAGE = 64 << 10;
  private static final long WIDE_GUARD = 32L << 20;

  /** Left for the rest of the process. */
  private static final long RESERVED_FOR_PROCESS = GIB;

  /** Instances, the tables of a component, and rounding for one slot. */
  private static final long SLOT_OVERHEAD = 8L << 20;

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

  /** The address space of a pool with this number of slots. */
  long bytes(int slots) {
    return (reservation + guard + SLOT_OVERHEAD) * slots + guard;
  }
}
