package org.wasmbroker.sandbox.wasmtime;

import java.util.List;
import org.wasmbroker.sandbox.PreparedImage;
import org.wasmbroker.step.Digest;

/**
 * What {@code prepare} left.
 *
 * @param module the digest of the original binary
 * @param compiled the digest of the binary that was compiled, whose instances it fits into
 * @param memoryBytes the size of the memory
 * @param memory where it differs from a fresh one
 * @param globals those that were changed
 */
record WasmtimeImage(
    Digest module,
    Digest compiled,
    long memoryBytes,
    MemoryRanges memory,
    List<GlobalValue> globals)
    implements PreparedImage {

  /** Objects and references, roughly. */
  private static final long OVERHEAD = 128;

  private static final long GLOBAL_BYTES = 48;

  WasmtimeImage {
    globals = List.copyOf(globals);
  }

  @Override
  public long bytes() {
    return OVERHEAD + memory.bytes() + GLOBAL_BYTES * globals.size();
  }

  /**
   * A global's value.
   *
   * @param index in {@link org.wasmbroker.sandbox.host.ValidatedModule.Preparer#globals}
   * @param low the first eight bytes
   * @param high the next eight, of a vector
   */
  record GlobalValue(int index, long low, long high) {}
}
