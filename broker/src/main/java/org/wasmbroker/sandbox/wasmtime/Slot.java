package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.host.RunState;

/**
 * Native memory for what libwasmtime writes during a run, one run at a time. Also holds a trap and
 * an error created in advance, so that a host call that fails for lack of stack has one to return.
 */
final class Slot {
  private static final String STOPPED = "stopped by the host";
  private static final long INSTANCE = 0;
  private static final long ENTRY = 16;
  private static final long MEMORY = 48;
  private static final long TRAP = 80;
  private static final long CELLS = 96;
  private static final long GLOBAL = 128;
  private static final long VALUE = 160;
  private static final long BYTES = 192;

  /** Offset of the function or memory in a {@code wasmtime_extern_t}. */
  private static final long EXTERN_VALUE = 8;

  private final LibWasmtime lib;
  private final int index;
  private final long base;
  private final long message;
  private long trap;
  private long error;
  private @Nullable WasmtimeRun run;
  private @Nullable ComponentRun componentRun;

  Slot(LibWasmtime lib, int index, Arena arena) {
    this.lib = lib;
    this.index = index;
    this.base = arena.allocate(BYTES, 16).address();
    this.message = arena.allocateFrom(STOPPED).address();
    replaceUsed();
  }

  /** Stored as the data of a store, so that an upcall finds its run. */
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

  /** Where libwasmtime writes a trap. */
  long trapOut() {
    return base + TRAP;
  }

  /** Two {@code wasmtime_val_raw_t}, for the result of the entry point. */
  long cells() {
    return base + CELLS;
  }

  /** A {@code wasmtime_extern_t} of a global. */
  long globalExport() {
    return base + GLOBAL;
  }

  long global() {
    return base + GLOBAL + EXTERN_VALUE;
  }

  /** A {@code wasmtime_val_t}. */
  long value() {
    return base + VALUE;
  }

  void beginRun(WasmtimeRun newRun) {
    NativeMemory.putLong(trapOut(), 0);
    NativeMemory.putLong(cells(), 0);
    run = newRun;
  }

  void beginRun(ComponentRun newRun) {
    componentRun = newRun;
  }

  /** Also replaces the trap and the error if the run used them. */
  void endRun() {
    run = null;
    componentRun = null;
    replaceUsed();
  }

  ComponentRun componentRun() {
    var current = componentRun;
    if (current == null) {
      throw new IllegalStateException("no run of a component in slot " + index);
    }
    return current;
  }

  /** The state of the run in it, whichever it is. */
  RunState state() {
    var component = componentRun;
    return component == null ? run().state() : component.run();
  }

  WasmtimeRun run() {
    var current = run;
    if (current == null) {
      throw new IllegalStateException("no run in slot " + index);
    }
    return current;
  }

  /** A trap, which the receiver frees. */
  long takeTrap() {
    long taken = trap;
    trap = 0;
    return taken;
  }

  /** An error, which the receiver frees. */
  long takeError() {
    long taken = error;
    error = 0;
    return taken;
  }

  void close() {
    lib.call("wasm_trap_delete", takeTrap());
    lib.call("wasmtime_error_delete", takeError());
  }

  /** Makes the trap and the error again that were taken. */
  void replaceUsed() {
    if (trap == 0) {
      trap = lib.call("wasmtime_trap_new", message, STOPPED.length());
    }
    if (error == 0) {
      error = lib.call("wasmtime_error_new", message);
    }
  }
}
