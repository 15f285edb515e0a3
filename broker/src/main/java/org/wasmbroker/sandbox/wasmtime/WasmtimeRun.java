package org.wasmbroker.sandbox.wasmtime;

import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.host.GuestExit;
import org.wasmbroker.sandbox.host.GuestMemory;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostFunctions;
import org.wasmbroker.sandbox.host.RunState;

/**
 * One run: a store, an instance in it, the call of its entry. Also what a host function sees of a
 * call; there is one call at a time, since a host function never calls a guest.
 */
final class WasmtimeRun implements HostCall {
  /** Bytes of a {@code wasmtime_val_raw_t}. */
  private static final long CELL_BYTES = 16;

  private static final long UNREACHABLE_TICKS = 1_000_000_000;
  private static final long UNLIMITED_FUEL = Long.MAX_VALUE;
  private static final GuestExit SUCCESS = new GuestExit.Returned(0);

  private final WasmtimeEngine engine;
  private final LibWasmtime lib;
  private final WasmtimeModule module;
  private final Slot slot;
  private final RunState state;
  private long context;
  private long caller;
  private long cells;
  private boolean memoryFound;
  private long memoryBytes;

  WasmtimeRun(WasmtimeEngine engine, WasmtimeModule module, Slot slot, RunState state) {
    this.engine = engine;
    this.lib = engine.lib();
    this.module = module;
    this.slot = slot;
    this.state = state;
    this.memoryBytes = module.admitted().initialMemoryBytes();
  }

  /** The size of the guest's memory when the run ended. */
  long memoryBytes() {
    return memoryBytes;
  }

  /** Runs the guest. Nothing native is left of the run when this returns. */
  GuestExit execute() {
    long store = lib.storeNew(engine.handle(), slot.index());
    slot.begin(this);
    try {
      context = lib.storeContext(store);
      var limits = state.limits();
      lib.storeLimiter(store, limits.memoryBytes(), limits.tableElements());
      lib.storeEpochCallback(store, engine.tickCallback(), slot.index());
      lib.setEpochDeadline(context, 1); // before the instance: its start function runs then
      if (engine.fuelEnabled()) {
        lib.setFuel(context, limits.fuel() == 0 ? UNLIMITED_FUEL : limits.fuel());
      }
      return instantiateAndCall();
    } finally {
      if (memoryFound) {
        memoryBytes = lib.memoryDataSize(context, slot.memory());
      }
      lib.storeDelete(store);
      slot.end();
    }
  }

  private GuestExit instantiateAndCall() {
    long error = lib.instantiate(module.instancePre(), context, slot.instance(), slot.trapOut());
    long trap = NativeMemory.getLong(slot.trapOut());
    if ((error | trap) != 0) {
      return failureExit(error, trap);
    }
    memoryFound = findExport(engine.names().memory(), slot.memoryExport());
    state.instantiated();
    var exit = initializeAndEnter();
    if (!exit.equals(SUCCESS)) {
      recordRefusedGrowth();
    }
    return exit;
  }

  private GuestExit initializeAndEnter() {
    var admitted = module.admitted();
    if (admitted.hasInitializer()) {
      var exit = call(engine.names().initialize(), false);
      if (!exit.equals(SUCCESS)) {
        return exit;
      }
    }
    return call(engine.names().entry(admitted.entryPoint()), admitted.entryPoint().givesCode());
  }

  private void recordRefusedGrowth() {
    var probe = module.admitted().probe();
    if (probe.isPresent()) {
      lib.setEpochDeadline(context, UNREACHABLE_TICKS); // the probe is not the guest's time
      if (engine.fuelEnabled()) {
        lib.setFuel(context, UNLIMITED_FUEL);
      }
      NativeMemory.putLong(slot.trapOut(), 0); // the trap that stood there is freed
      if (call(engine.names().refusedPages(), true) instanceof GuestExit.Returned(var pages)) {
        long size = lib.memoryDataSize(context, slot.memory());
        state.growthRefused(
            probe.orElseThrow().requestedBytes(pages, size, state.limits().memoryBytes()));
      }
    }
  }

  private GuestExit call(ExportNames.Name name, boolean givesCode) {
    if (!findExport(name, slot.entryExport())) {
      throw new IllegalStateException("an admitted module has no export " + name.text());
    }
    long error = lib.callUnchecked(context, slot.entry(), slot.cells(), 1, slot.trapOut());
    long trap = NativeMemory.getLong(slot.trapOut());
    if ((error | trap) != 0) {
      return failureExit(error, trap);
    }
    return new GuestExit.Returned(givesCode ? NativeMemory.getInt(slot.cells()) : 0);
  }

  private boolean findExport(ExportNames.Name name, long out) {
    return lib.instanceExport(context, slot.instance(), name.address(), name.length(), out);
  }

  private GuestExit failureExit(long error, long trap) {
    if (state.isStopped()) {
      engine.errors().discard(error, trap);
      return new GuestExit.Interrupted();
    }
    return engine.errors().exit(error, trap);
  }

  /** Answers a call of the guest's. False stops the guest; the state knows why. */
  boolean hostCall(int function, long newCaller, long newCells) {
    caller = newCaller;
    cells = newCells;
    try {
      long result = HostFunctions.call(function, this);
      var type = HostFunctions.all().get(function).result();
      if (type != null) {
        NativeMemory.putLong(newCells, type == ValueType.I32 ? result & 0xFFFF_FFFFL : result);
      }
      return true;
    } catch (GuestStoppedException ended) {
      return false;
    }
  }

  /** Keeps what a host function threw. */
  void recordHostFault(Throwable cause) {
    state.hostFunctionFailed(cause);
  }

  /** Asked at each tick. */
  boolean isOver() {
    return state.shouldStop();
  }

  @Override
  public int i32(int index) {
    return NativeMemory.getInt(cells + CELL_BYTES * index);
  }

  @Override
  public long i64(int index) {
    return NativeMemory.getLong(cells + CELL_BYTES * index);
  }

  @Override
  public GuestMemory memory() {
    if (!memoryFound) { // a call from the start function, before there is an instance to ask
      var name = engine.names().memory();
      memoryFound = lib.callerExport(caller, name.address(), name.length(), slot.memoryExport());
    }
    long base = lib.memoryData(context, slot.memory());
    return new GuestMemory(NativeMemory.segment(base, lib.memoryDataSize(context, slot.memory())));
  }

  @Override
  public RunState run() {
    return state;
  }
}
