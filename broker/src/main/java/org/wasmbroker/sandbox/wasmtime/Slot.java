package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * The native memory that one run at a time needs for what libwasmtime writes, and a trap and an
 * error made in advance: a host call that fails because no stack is left still has one to return.
 */
final class Slot {
  private static final String STOPPED = "stopped by the host";
  private static final long INSTANCE = 0;
  private static final long ENTRY = 16;
  private static final long MEMORY = 48;
  private static final long TRAP = 80;
  private static final long CELLS = 96;
  private static final long BYTES = 128;

  /** Where in a {@code wasmtime_extern_t} the function or memory stands. */
  private static final long EXTERN_VALUE = 8;

  private final LibWasmtime lib;
  private final int index;
  private final long base;
  private final long message;
  private long trap;
  private long error;
  private @Nullable WasmtimeRun run;

  Slot(LibWasmtime lib, int index, Arena arena) {
    this.lib = lib;
    this.index = index;
    this.base = arena.allocate(BYTES, 16).address();
    this.message = arena.allocateFrom(STOPPED).address();
    refill();
  }

  /** What a store carries, so that an upcall finds its run. */
  int index() {
    return index;
  }

  /** A {@code wasmtime_instance_t}. */
  long instance() {
    return base + INSTANCE;
  }

  /** A {@code wasmtime_extern_t} of a function. */
  long entryExport() {
    return base + ENTRY;
  }

  long entry() {
    return base + ENTRY + EXTERN_VALUE;
  }

  /** A {@code wasmtime_extern_t} of the memory. */
  long memoryExport() {
    return base + MEMORY;
  }

  long memory() {
    return base + MEMORY + EXTERN_VALUE;
  }

  /** Where libwasmtime writes a trap to. */
  long trapOut() {
    return base + TRAP;
  }

  /** Two {@code wasmtime_val_raw_t}, for the result of the entry. */
  long cells() {
    return base + CELLS;
  }

  void begin(WasmtimeRun newRun) {
    NativeMemory.putLong(trapOut(), 0);
    NativeMemory.putLong(cells(), 0);
    run = newRun;
  }

  /** Also makes the trap and the error that the run used up. */
  void end() {
    run = null;
    refill();
  }

  WasmtimeRun run() {
    var current = run;
    if (current == null) {
      throw new IllegalStateException("no run in slot " + index);
    }
    return current;
  }

  /** A trap that the receiver frees. */
  long takeTrap() {
    long taken = trap;
    trap = 0;
    return taken;
  }

  /** An error that the receiver frees. */
  long takeError() {
    long taken = error;
    error = 0;
    return taken;
  }

  void close() {
    lib.call("wasm_trap_delete", takeTrap());
    lib.call("wasmtime_error_delete", takeError());
  }

  private void refill() {
    if (trap == 0) {
      trap = lib.call("wasmtime_trap_new", message, STOPPED.length());
    }
    if (error == 0) {
      error = lib.call("wasmtime_error_new", message);
    }
  }
}
