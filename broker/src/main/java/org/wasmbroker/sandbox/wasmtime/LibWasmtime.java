package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import org.wasmbroker.sandbox.EngineUnavailableException;

/**
 * The functions of libwasmtime's C API that the binding uses. Handles of native objects are plain
 * longs, as {@link Downcalls} takes them.
 */
final class LibWasmtime {
  private final Path file;
  private final SymbolLookup symbols;
  private final MemorySegment storeNew;
  private final MemorySegment storeContext;
  private final MemorySegment storeLimiter;
  private final MemorySegment storeEpochCallback;
  private final MemorySegment storeDelete;
  private final MemorySegment setEpochDeadline;
  private final MemorySegment setFuel;
  private final MemorySegment contextData;
  private final MemorySegment callerContext;
  private final MemorySegment callerExport;
  private final MemorySegment instantiate;
  private final MemorySegment instanceNew;
  private final MemorySegment functionNew;
  private final MemorySegment instanceExport;
  private final MemorySegment callUnchecked;
  private final MemorySegment memoryData;
  private final MemorySegment memoryDataSize;
  private final MemorySegment memoryGrow;
  private final MemorySegment globalGet;
  private final MemorySegment globalSet;
  private final MemorySegment incrementEpoch;

  private LibWasmtime(Path file, SymbolLookup symbols) {
    this.file = file;
    this.symbols = symbols;
    storeNew = symbol("wasmtime_store_new");
    storeContext = symbol("wasmtime_store_context");
    storeLimiter = symbol("wasmtime_store_limiter");
    storeEpochCallback = symbol("wasmtime_store_epoch_deadline_callback");
    storeDelete = symbol("wasmtime_store_delete");
    setEpochDeadline = symbol("wasmtime_context_set_epoch_deadline");
    setFuel = symbol("wasmtime_context_set_fuel");
    contextData = symbol("wasmtime_context_get_data");
    callerContext = symbol("wasmtime_caller_context");
    callerExport = symbol("wasmtime_caller_export_get");
    instantiate = symbol("wasmtime_instance_pre_instantiate");
    instanceNew = symbol("wasmtime_instance_new");
    functionNew = symbol("wasmtime_func_new_unchecked");
    instanceExport = symbol("wasmtime_instance_export_get");
    callUnchecked = symbol("wasmtime_func_call_unchecked");
    memoryData = symbol("wasmtime_memory_data");
    memoryDataSize = symbol("wasmtime_memory_data_size");
    memoryGrow = symbol("wasmtime_memory_grow");
    globalGet = symbol("wasmtime_global_get");
    globalSet = symbol("wasmtime_global_set");
    incrementEpoch = symbol("wasmtime_engine_increment_epoch");
  }

  /**
   * Loads the library, which stays loaded until the process exits.
   *
   * @throws EngineUnavailableException if the library cannot be loaded or is not libwasmtime
   */
  @SuppressWarnings("restricted")
  static LibWasmtime load(Path file) {
    try {
      return new LibWasmtime(file, SymbolLookup.libraryLookup(file, Arena.global()));
    } catch (IllegalArgumentException notLoaded) {
      throw new EngineUnavailableException(
          "%s cannot be loaded on this machine: libwasmtime needs a Linux with glibc, the same"
                  .formatted(file)
              + " processor as the JVM, and enough address space",
          notLoaded);
    }
  }

  /** Where the library was loaded from. */
  Path file() {
    return file;
  }

  /** Calls a function by name, for calls where speed does not matter. */
  long call(String function, long... arguments) {
    var address = symbol(function);
    return switch (arguments.length) {
      case 0 -> Downcalls.call0(address);
      case 1 -> Downcalls.call1(address, arguments[0]);
      case 2 -> Downcalls.call2(address, arguments[0], arguments[1]);
      case 3 -> Downcalls.call3(address, arguments[0], arguments[1], arguments[2]);
      case 4 -> Downcalls.call4(address, arguments[0], arguments[1], arguments[2], arguments[3]);
      case 9 -> Downcalls.call9(address, arguments);
      default ->
          throw new IllegalArgumentException(
              function + " with " + arguments.length + " arguments is not bound");
    };
  }

  /** Like {@link #call}, for a function that returns a C {@code bool}. */
  boolean callForBoolean(String function, long... arguments) {
    return isTrue(call(function, arguments));
  }

  long storeNew(long engine, long data) {
    return Downcalls.call3(storeNew, engine, data, 0);
  }

  long storeContext(long store) {
    return Downcalls.critical1(storeContext, store);
  }

  /** Allows one instance with one memory and one table of these maximum sizes. */
  void storeLimiter(long store, long memoryBytes, long tableElements) {
    Downcalls.critical6(storeLimiter, store, memoryBytes, tableElements, 1, 1, 1);
  }

  /** Allows several instances, one memory, and several tables of these maximum sizes each. */
  void storeLimiter(long store, long memoryBytes, long tableElements, long instances, long tables) {
    Downcalls.critical6(storeLimiter, store, memoryBytes, tableElements, instances, tables, 1);
  }

  void storeEpochCallback(long store, long callback, long data) {
    Downcalls.call4(storeEpochCallback, store, callback, data, 0);
  }

  void storeDelete(long store) {
    Downcalls.call1(storeDelete, store);
  }

  void setEpochDeadline(long context, long ticks) {
    Downcalls.critical2(setEpochDeadline, context, ticks);
  }

  /** Only if the engine counts instructions. */
  void setFuel(long context, long units) {
    Downcalls.critical2(setFuel, context, units);
  }

  long contextData(long context) {
    return Downcalls.critical1(contextData, context);
  }

  long callerContext(long caller) {
    return Downcalls.critical1(callerContext, caller);
  }

  boolean callerExport(long caller, long name, long nameLength, long export) {
    return isTrue(Downcalls.critical4(callerExport, caller, name, nameLength, export));
  }

  /** Returns an error or 0; a trap is written to {@code trap}. */
  long instantiate(long instancePre, long context, long instance, long trap) {
    return Downcalls.call4(instantiate, instancePre, context, instance, trap);
  }

  /**
   * Returns an error or 0; a trap is written to {@code trap}.
   *
   * @param imports a {@code wasmtime_extern_t} for each import
   */
  long instanceNew(
      long context, long module, long imports, long importCount, long instance, long trap) {
    return Downcalls.call6(instanceNew, context, module, imports, importCount, instance, trap);
  }

  /** Writes a function of the host as a {@code wasmtime_func_t}. */
  void functionNew(long context, long type, long callback, long data, long function) {
    Downcalls.critical6(functionNew, context, type, callback, data, 0, function);
  }

  boolean instanceExport(long context, long instance, long name, long nameLength, long export) {
    return isTrue(Downcalls.critical5(instanceExport, context, instance, name, nameLength, export));
  }

  /** Returns an error or 0; a trap is written to {@code trap}. */
  long callUnchecked(long context, long function, long cells, long cellCount, long trap) {
    return Downcalls.call5(callUnchecked, context, function, cells, cellCount, trap);
  }

  long memoryData(long context, long memory) {
    return Downcalls.critical2(memoryData, context, memory);
  }

  long memoryDataSize(long context, long memory) {
    return Downcalls.critical2(memoryDataSize, context, memory);
  }

  /**
   * Returns an error or 0.
   *
   * @param previousSize where the size before it is written, in pages
   */
  long memoryGrow(long context, long memory, long pages, long previousSize) {
    return Downcalls.call4(memoryGrow, context, memory, pages, previousSize);
  }

  /** Writes the value of a global as a {@code wasmtime_val_t}. */
  void globalGet(long context, long global, long value) {
    Downcalls.call3(globalGet, context, global, value);
  }

  /** Returns an error or 0. */
  long globalSet(long context, long global, long value) {
    return Downcalls.call3(globalSet, context, global, value);
  }

  void incrementEpoch(long engine) {
    Downcalls.critical1(incrementEpoch, engine);
  }

  private MemorySegment symbol(String name) {
    return symbols
        .find(name)
        .orElseThrow(
            () ->
                new EngineUnavailableException(
                    "%s has no function %s, so it is not libwasmtime %s"
                        .formatted(file, name, NativeLibrary.VERSION),
                    null));
  }

  private static boolean isTrue(long bool) {
    return (bool & 0xFF) != 0;
  }
}
