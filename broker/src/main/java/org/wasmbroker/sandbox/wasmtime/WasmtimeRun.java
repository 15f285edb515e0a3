package org.wasmbroker.sandbox.wasmtime;

import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.host.GuestMemory;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;
import org.wasmbroker.sandbox.host.RunState;
import org.wasmbroker.sandbox.host.StopReason;

/**
 * One run: a store, an instance in it, and the call of its entry point. Also represents the current
 * host call; there is only one at a time, since a host function never calls a guest.
 */
final class WasmtimeRun implements HostCall {
  /** Bytes of a {@code wasmtime_val_raw_t}. */
  private static final long CELL_BYTES = 16;

  private static final long UNREACHABLE_TICKS = 1_000_000_000;
  private static final long UNLIMITED_FUEL = Long.MAX_VALUE;
  private static final StopReason SUCCESS = new StopReason.Returned(0);

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
    this.memoryBytes = module.validated().initialMemoryBytes();
  }

  /** The size of the guest's memory when the run ended. */
  long memoryBytes() {
    return memoryBytes;
  }

  /** Runs the guest. No native resource of the run remains when this returns. */
  StopReason execute() {
    long store = lib.storeNew(engine.handle(), slot.index());
    slot.beginRun(this);
    try {
      context = lib.storeContext(store);
      var limits = state.limits();
      lib.storeLimiter(store, limits.memoryBytes(), limits.tableElements());
      lib.storeEpochCallback(store, engine.tickCallback(), slot.index());
      lib.setEpochDeadline(context, 1); // before instantiation, which runs the start function
      if (engine.fuelEnabled()) {
        lib.setFuel(context, limits.fuel() == 0 ? UNLIMITED_FUEL : limits.fuel());
      }
      return instantiateAndCall();
    } finally {
      if (memoryFound) {
        memoryBytes = lib.memoryDataSize(context, slot.memory());
      }
      lib.storeDelete(store);
      slot.endRun();
    }
  }

  private StopReason instantiateAndCall() {
    long error = lib.instantiate(module.instancePre(), context, slot.instance(), slot.trapOut());
    long trap = NativeMemory.getLong(slot.trapOut());
    if ((error | trap) != 0) {
      return failure(error, trap);
    }
    memoryFound = findExport(engine.names().memory(), slot.memoryExport());
    state.instantiated();
    var reason = initializeAndCallEntryPoint();
    if (!reason.equals(SUCCESS)) {
      recordRefusedGrowth();
    }
    return reason;
  }

  private StopReason initializeAndCallEntryPoint() {
    var validated = module.validated();
    if (validated.hasInitializer()) {
      var reason = call(engine.names().initialize(), false);
      if (!reason.equals(SUCCESS)) {
        return reason;
      }
    }
    var entryPoint = validated.entryPoint();
    return call(engine.names().entry(entryPoint), entryPoint.returnsExitCode());
  }

  private void recordRefusedGrowth() {
    var probe = module.validated().probe();
    if (probe.isPresent()) {
      lib.setEpochDeadline(
          context, UNREACHABLE_TICKS); // the probe does not count as the guest's time
      if (engine.fuelEnabled()) {
        lib.setFuel(context, UNLIMITED_FUEL);
      }
      NativeMemory.putLong(slot.trapOut(), 0); // the previous trap has been freed
      if (call(engine.names().refusedPages(), true) instanceof StopReason.Returned(var pages)) {
        long size = lib.memoryDataSize(context, slot.memory());
        state.growthRefused(
            probe.orElseThrow().requestedBytes(pages, size, state.limits().memoryBytes()));
      }
    }
  }

  private StopReason call(ExportNames.Name name, boolean returnsExitCode) {
    if (!findExport(name, slot.entryExport())) {
      throw new IllegalStateException("a validated module has no export " + name.text());
    }
    long error = lib.callUnchecked(context, slot.entry(), slot.cells(), 1, slot.trapOut());
    long trap = NativeMemory.getLong(slot.trapOut());
    if ((error | trap) != 0) {
      return failure(error, trap);
    }
    return new StopReason.Returned(returnsExitCode ? NativeMemory.getInt(slot.cells()) : 0);
  }

  private boolean findExport(ExportNames.Name name, long out) {
    return lib.instanceExport(context, slot.instance(), name.address(), name.length(), out);
  }

  private StopReason failure(long error, long trap) {
    var stopReason = state.stopReason();
    if (stopReason != null) {
      engine.errors().discard(error, trap);
      return stopReason;
    }
    return engine.errors().stopReason(error, trap, state.limits());
  }

  /** Answers a host call by the guest. False stops the guest; {@link RunState} knows why. */
  boolean hostCall(Entry function, long newCaller, long newCells) {
    caller = newCaller;
    cells = newCells;
    try {
      long result = function.call(this);
      var type = function.function().result();
      if (type != null) {
        NativeMemory.putLong(newCells, type == ValueType.I32 ? result & 0xFFFF_FFFFL : result);
      }
      return true;
    } catch (GuestStoppedException stopped) {
      return false;
    }
  }

  /** Records what a host function threw. */
  void recordHostFault(Throwable cause) {
    state.hostFunctionFailed(cause);
  }

  /** Called at each tick. */
  boolean shouldStop() {
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
    if (!memoryFound) { // called by the start function, before the instance exists
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
