package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;
import org.wasmbroker.sandbox.EngineUnavailableException;

/**
 * The functions of libwasmtime's C API that the binding uses.
 *
 * <p>All their parameters and results are integers and pointers. On the two platforms that we have
 * a libwasmtime for (System V x86-64, AAPCS64) these travel in 64-bit registers or stack cells,
 * whatever their width, so one handle per number of parameters serves all functions, and pointers
 * are plain longs: no object is made on the way. A result narrower than 64 bits leaves the upper
 * bits undefined and is cut here.
 *
 * <p>Handles called <em>short</em> are for functions that neither block nor call back; the JVM does
 * not change the thread's state for them. Whatever runs guest code is never called through one.
 */
final class LibWasmtime {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle CALL_0 = handle(0);
  private static final MethodHandle CALL_1 = handle(1);
  private static final MethodHandle CALL_2 = handle(2);
  private static final MethodHandle CALL_3 = handle(3);
  private static final MethodHandle CALL_4 = handle(4);
  private static final MethodHandle CALL_5 = handle(5);
  private static final MethodHandle CALL_9 = handle(9);
  private static final MethodHandle CRITICAL_1 = handle(1, Linker.Option.critical(false));
  private static final MethodHandle CRITICAL_2 = handle(2, Linker.Option.critical(false));
  private static final MethodHandle CRITICAL_4 = handle(4, Linker.Option.critical(false));
  private static final MethodHandle CRITICAL_5 = handle(5, Linker.Option.critical(false));
  private static final MethodHandle CRITICAL_6 = handle(6, Linker.Option.critical(false));

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
  private final MemorySegment instanceExport;
  private final MemorySegment callUnchecked;
  private final MemorySegment memoryData;
  private final MemorySegment memoryDataSize;
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
    instanceExport = symbol("wasmtime_instance_export_get");
    callUnchecked = symbol("wasmtime_func_call_unchecked");
    memoryData = symbol("wasmtime_memory_data");
    memoryDataSize = symbol("wasmtime_memory_data_size");
    incrementEpoch = symbol("wasmtime_engine_increment_epoch");
  }

  /**
   * Loads the library; it stays loaded until the process ends.
   *
   * @throws EngineUnavailableException if the machine cannot load it or it is no libwasmtime
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

  /** Calls a function by name, where speed does not matter. */
  long call(String function, long... arguments) {
    var address = symbol(function);
    return switch (arguments.length) {
      case 0 -> call0(address);
      case 1 -> call1(address, arguments[0]);
      case 2 -> call2(address, arguments[0], arguments[1]);
      case 3 -> call3(address, arguments[0], arguments[1], arguments[2]);
      case 4 -> call4(address, arguments[0], arguments[1], arguments[2], arguments[3]);
      case 9 -> call9(address, arguments);
      default -> throw new IllegalArgumentException(function + " of " + arguments.length);
    };
  }

  /** As {@link #call}, of a function that gives a C {@code bool}. */
  boolean callForBoolean(String function, long... arguments) {
    return isTrue(call(function, arguments));
  }

  long storeNew(long engine, long data) {
    return call3(storeNew, engine, data, 0);
  }

  long storeContext(long store) {
    return critical1(storeContext, store);
  }

  /** One instance with one memory and one table, of these sizes. */
  void storeLimiter(long store, long memoryBytes, long tableElements) {
    try {
      long ignored =
          (long)
              CRITICAL_6.invokeExact(storeLimiter, store, memoryBytes, tableElements, 1L, 1L, 1L);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  void storeEpochCallback(long store, long callback, long data) {
    call4(storeEpochCallback, store, callback, data, 0);
  }

  void storeDelete(long store) {
    call1(storeDelete, store);
  }

  void setEpochDeadline(long context, long ticks) {
    critical2(setEpochDeadline, context, ticks);
  }

  /** Only where the engine counts instructions. */
  void setFuel(long context, long units) {
    critical2(setFuel, context, units);
  }

  long contextData(long context) {
    return critical1(contextData, context);
  }

  long callerContext(long caller) {
    return critical1(callerContext, caller);
  }

  boolean callerExport(long caller, long name, long nameLength, long export) {
    try {
      return isTrue((long) CRITICAL_4.invokeExact(callerExport, caller, name, nameLength, export));
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  /** Gives an error or 0; a trap is written to {@code trap}. */
  long instantiate(long instancePre, long context, long instance, long trap) {
    return call4(instantiate, instancePre, context, instance, trap);
  }

  boolean instanceExport(long context, long instance, long name, long nameLength, long export) {
    try {
      return isTrue(
          (long)
              CRITICAL_5.invokeExact(instanceExport, context, instance, name, nameLength, export));
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  /** Gives an error or 0; a trap is written to {@code trap}. */
  long callUnchecked(long context, long function, long cells, long cellCount, long trap) {
    try {
      return (long) CALL_5.invokeExact(callUnchecked, context, function, cells, cellCount, trap);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  long memoryData(long context, long memory) {
    return critical2(memoryData, context, memory);
  }

  long memoryDataSize(long context, long memory) {
    return critical2(memoryDataSize, context, memory);
  }

  void incrementEpoch(long engine) {
    critical1(incrementEpoch, engine);
  }

  private MemorySegment symbol(String name) {
    return symbols
        .find(name)
        .orElseThrow(
            () ->
                new EngineUnavailableException(
                    "%s has no function %s: it is not libwasmtime %s"
                        .formatted(file, name, NativeLibrary.VERSION),
                    null));
  }

  private static boolean isTrue(long bool) {
    return (bool & 0xFF) != 0;
  }

  private static long call0(MemorySegment function) {
    try {
      return (long) CALL_0.invokeExact(function);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  private static long call1(MemorySegment function, long a) {
    try {
      return (long) CALL_1.invokeExact(function, a);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  private static long call2(MemorySegment function, long a, long b) {
    try {
      return (long) CALL_2.invokeExact(function, a, b);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  private static long call3(MemorySegment function, long a, long b, long c) {
    try {
      return (long) CALL_3.invokeExact(function, a, b, c);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  private static long call4(MemorySegment function, long a, long b, long c, long d) {
    try {
      return (long) CALL_4.invokeExact(function, a, b, c, d);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  private static long call9(MemorySegment function, long[] a) {
    try {
      return (long)
          CALL_9.invokeExact(function, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8]);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  private static long critical1(MemorySegment function, long a) {
    try {
      return (long) CRITICAL_1.invokeExact(function, a);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  private static long critical2(MemorySegment function, long a, long b) {
    try {
      return (long) CRITICAL_2.invokeExact(function, a, b);
    } catch (Throwable cause) {
      throw unexpected(cause);
    }
  }

  /** A downcall throws nothing of its own; what the JVM throws (no stack, no memory) goes on. */
  private static RuntimeException unexpected(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("a downcall failed", cause);
  }

  @SuppressWarnings("restricted")
  private static MethodHandle handle(int parameters, Linker.Option... options) {
    var longs = new MemoryLayout[parameters];
    Arrays.fill(longs, ValueLayout.JAVA_LONG);
    return LINKER.downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_LONG, longs), options);
  }
}
