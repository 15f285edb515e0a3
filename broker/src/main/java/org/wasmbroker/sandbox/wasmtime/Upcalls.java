package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;

/**
 * The functions that libwasmtime calls: a host call by a guest, and the tick of a running guest. An
 * exception that left one of these methods would end the JVM, so each catches every Throwable and
 * returns a trap or an error created in advance.
 */
final class Upcalls {
  private static final long CONTINUE = 0;
  private static final byte UPDATE_CONTINUE = 0;

  private final LibWasmtime lib;
  private final Slots slots;
  private final Arena arena;

  /**
   * For host calls without enough stack even to find their slot. A run uses at most one, since the
   * trap ends it, so one for each slot suffices.
   */
  private final AtomicLongArray spareTraps;

  private final AtomicInteger usedSpareTraps;

  Upcalls(LibWasmtime lib, Slots slots, Arena arena) {
    this.lib = lib;
    this.slots = slots;
    this.arena = arena;
    this.spareTraps = new AtomicLongArray(slots.count());
    this.usedSpareTraps = new AtomicInteger(slots.count());
    replaceUsedTraps();
  }

  /** The address of a {@code wasmtime_func_unchecked_callback_t} for a host function. */
  long hostFunction(Entry function) {
    var type = MethodType.methodType(long.class, long.class, long.class, long.class, long.class);
    var method = find("hostCall", type.insertParameterTypes(0, Entry.class));
    return stub(MethodHandles.insertArguments(method, 0, function), 4);
  }

  /**
   * The address of a {@code wasmtime_func_unchecked_callback_t} for all functions of components;
   * its data says which one it is.
   */
  long componentFunction() {
    var type = MethodType.methodType(long.class, long.class, long.class, long.class, long.class);
    return stub(find("componentCall", type), 4);
  }

  /** The address of the callback for epoch deadlines. */
  long tick() {
    var type = MethodType.methodType(long.class, long.class, long.class, long.class, long.class);
    return stub(find("tick", type), 4);
  }

  /** Called after each run, so that the next one finds a spare trap. */
  void replaceUsedTraps() {
    if (usedSpareTraps.get() == 0) {
      return;
    }
    usedSpareTraps.set(0);
    var message = "no stack left for the host";
    try (var scratch = Arena.ofConfined()) {
      long text = scratch.allocateFrom(message).address();
      for (int i = 0; i < spareTraps.length(); i++) {
        if (spareTraps.get(i) == 0) {
          long trap = lib.call("wasmtime_trap_new", text, message.length());
          if (!spareTraps.compareAndSet(i, 0, trap)) {
            lib.call("wasm_trap_delete", trap);
          }
        }
      }
    }
  }

  private long takeSpareTrap() {
    for (int i = 0; i < spareTraps.length(); i++) {
      long trap = spareTraps.getAndSet(i, 0);
      if (trap != 0) {
        usedSpareTraps.incrementAndGet();
        return trap;
      }
    }
    return CONTINUE; // not reached while each run uses one at most
  }

  void close() {
    for (int i = 0; i < spareTraps.length(); i++) {
      long trap = spareTraps.getAndSet(i, 0);
      if (trap != 0) {
        lib.call("wasm_trap_delete", trap);
      }
    }
  }

  /** Returns a trap, or 0 to continue. */
  @SuppressWarnings({"unused", "UnusedMethod", "UnusedVariable"}) // called by libwasmtime
  private long hostCall(Entry function, long environment, long caller, long cells, long count) {
    Slot slot = null;
    try {
      slot = slots.get(lib.contextData(lib.callerContext(caller)));
      return slot.run().hostCall(function, caller, cells) ? CONTINUE : slot.takeTrap();
    } catch (Throwable cause) {
      if (slot == null) {
        return takeSpareTrap();
      }
      slot.state().hostFunctionFailed(cause);
      return slot.takeTrap();
    }
  }

  /** Returns a trap, or 0 to continue. */
  @SuppressWarnings({"unused", "UnusedMethod", "UnusedVariable"}) // called by libwasmtime
  private long componentCall(long function, long caller, long cells, long count) {
    Slot slot = null;
    try {
      slot = slots.get(lib.contextData(lib.callerContext(caller)));
      return slot.componentRun().hostCall((int) function, caller, cells)
          ? CONTINUE
          : slot.takeTrap();
    } catch (Throwable cause) {
      if (slot == null) {
        return takeSpareTrap();
      }
      slot.state().hostFunctionFailed(cause);
      return slot.takeTrap();
    }
  }

  /** Returns an error, or 0 to continue for the number of ticks written to {@code ticks}. */
  @SuppressWarnings({"unused", "UnusedMethod", "UnusedVariable"}) // called by libwasmtime
  private long tick(long context, long slotIndex, long ticks, long update) {
    Slot slot = null;
    try {
      slot = slots.get(slotIndex);
      if (slot.state().tick()) {
        return slot.takeError();
      }
      NativeMemory.putLong(ticks, 1);
      NativeMemory.putByte(update, UPDATE_CONTINUE);
      return CONTINUE;
    } catch (Throwable cause) {
      if (slot == null) {
        return CONTINUE;
      }
      slot.state().hostFunctionFailed(cause);
      return slot.takeError();
    }
  }

  private MethodHandle find(String method, MethodType type) {
    try {
      return MethodHandles.lookup().bind(this, method, type);
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @SuppressWarnings("restricted")
  private long stub(MethodHandle method, int parameters) {
    var longs = new ValueLayout[parameters];
    Arrays.fill(longs, ValueLayout.JAVA_LONG);
    var type = FunctionDescriptor.of(ValueLayout.JAVA_LONG, longs);
    return Linker.nativeLinker().upcallStub(method, type, arena).address();
  }
}
