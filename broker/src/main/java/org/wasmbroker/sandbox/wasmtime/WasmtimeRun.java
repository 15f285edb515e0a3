package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.binary.ModuleShape;
import org.wasmbroker.sandbox.host.GuestMemory;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;
import org.wasmbroker.sandbox.host.RunState;
import org.wasmbroker.sandbox.host.StopReason;
import org.wasmbroker.sandbox.wasmtime.WasmtimeImage.GlobalValue;
import org.wasmbroker.step.Document;

/**
 * One run, or one preparation: a store, an instance in it, and calls of the guest. Also represents
 * the current host call; there is only one at a time, since a host function never calls a guest.
 */
final class WasmtimeRun implements HostCall {
  /** Bytes of a {@code wasmtime_val_raw_t}. */
  private static final long CELL_BYTES = 16;

  /** The offset of the value in a {@code wasmtime_val_t}. */
  private static final long VALUE_OFFSET = 8;

  private static final long UNREACHABLE_TICKS = 1_000_000_000;
  private static final long UNLIMITED_FUEL = Long.MAX_VALUE;
  static final StopReason SUCCESS = new StopReason.Returned(0);

  private final WasmtimeEngine engine;
  private final LibWasmtime lib;
  private final WasmtimeModule module;
  private final Slot slot;
  private RunState state;
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

  /** The part of the run in which it is, or in which it ended. */
  RunState state() {
    return state;
  }

  /**
   * Runs the guest. No native resource of the run remains when this returns.
   *
   * @param image what its instance starts with, or null
   */
  StopReason execute(@Nullable WasmtimeImage image) {
    return inStore(
        () -> {
          if (image != null) {
            restore(image);
          }
          state.instantiated();
          return image == null ? callAll() : callEntryPoint();
        });
  }

  /** Runs {@code prepare}, and takes the image of the instance if that ends well. */
  StopReason prepare(StateCapture capture) {
    return inStore(
        () -> {
          capture.begin(this);
          state.instantiated();
          var reason = initializeAndPrepare();
          if (reason.equals(SUCCESS)) {
            capture.end(this);
          }
          return reason;
        });
  }

  /** Calls the guest in an instance of its own. */
  private StopReason inStore(Supplier<StopReason> calls) {
    long store = lib.storeNew(engine.handle(), slot.index());
    slot.beginRun(this);
    try {
      context = lib.storeContext(store);
      var limits = state.limits();
      lib.storeLimiter(store, limits.memoryBytes(), limits.tableElements());
      lib.storeEpochCallback(store, engine.tickCallback(), slot.index());
      lib.setEpochDeadline(context, 1); // before instantiation, which runs the start function
      fuel();
      var failed = instantiate();
      return failed == null ? withRefusedGrowth(calls.get()) : failed;
    } finally {
      if (memoryFound) {
        memoryBytes = lib.memoryDataSize(context, slot.memory());
      }
      lib.storeDelete(store);
      slot.endRun();
    }
  }

  private void fuel() {
    if (engine.fuelEnabled()) {
      long limit = state.limits().fuel();
      lib.setFuel(context, limit == 0 ? UNLIMITED_FUEL : limit);
    }
  }

  /** Returns why it failed, or null. */
  private @Nullable StopReason instantiate() {
    long error = lib.instantiate(module.instancePre(), context, slot.instance(), slot.trapOut());
    long trap = NativeMemory.getLong(slot.trapOut());
    if ((error | trap) != 0) {
      return failure(error, trap);
    }
    memoryFound = findExport(engine.names().memory(), slot.memoryExport());
    return null;
  }

  /** Puts the state of a prepared instance into this one, in which no code has run. */
  private void restore(WasmtimeImage image) {
    long missing = image.memoryBytes() - memoryBytes; // its size before anything ran
    if (missing > 0) {
      long error =
          lib.memoryGrow(context, slot.memory(), missing / ModuleShape.PAGE_BYTES, slot.value());
      if (error != 0) {
        throw new IllegalStateException(
            "the memory of an image within the limits cannot be had: "
                + engine.errors().message(error));
      }
    }
    image.memory().copyTo(lib.memoryData(context, slot.memory()));
    for (var global : image.globals()) {
      setGlobal(global);
    }
  }

  /** The instance's memory as it is now; not to be kept across a call of the guest. */
  MemorySegment memorySegment() {
    long base = lib.memoryData(context, slot.memory());
    return NativeMemory.segment(base, lib.memoryDataSize(context, slot.memory()));
  }

  /** The value of one of the module's mutable globals. */
  GlobalValue global(int index) {
    findGlobal(index);
    NativeMemory.putLong(slot.value() + VALUE_OFFSET, 0); // what a narrow value does not fill
    NativeMemory.putLong(slot.value() + VALUE_OFFSET + Long.BYTES, 0);
    lib.globalGet(context, slot.global(), slot.value());
    boolean wide = type(index) == ValueType.V128;
    boolean half = type(index) == ValueType.I32 || type(index) == ValueType.F32;
    long low = NativeMemory.getLong(slot.value() + VALUE_OFFSET);
    return new GlobalValue(
        index,
        half ? low & 0xFFFF_FFFFL : low,
        wide ? NativeMemory.getLong(slot.value() + VALUE_OFFSET + Long.BYTES) : 0);
  }

  private void setGlobal(GlobalValue global) {
    findGlobal(global.index());
    NativeMemory.putLong(slot.value(), kind(type(global.index())));
    NativeMemory.putLong(slot.value() + VALUE_OFFSET, global.low());
    NativeMemory.putLong(slot.value() + VALUE_OFFSET + Long.BYTES, global.high());
    long error = lib.globalSet(context, slot.global(), slot.value());
    if (error != 0) {
      throw new IllegalStateException("a global cannot be set: " + engine.errors().message(error));
    }
  }

  private void findGlobal(int index) {
    if (!findExport(module.globals().get(index), slot.globalExport())) {
      throw new IllegalStateException("a module that prepares has no export of its global");
    }
  }

  private ValueType type(int index) {
    return module.validated().preparer().orElseThrow().globals().get(index).type();
  }

  /** The {@code wasmtime_valkind_t} of a numeric type. */
  private static long kind(ValueType type) {
    return switch (type) {
      case I32 -> 0;
      case I64 -> 1;
      case F32 -> 2;
      case F64 -> 3;
      case V128 -> 4;
      case FUNCREF, EXTERNREF -> throw new IllegalArgumentException(type + " is not numeric");
    };
  }

  private StopReason withRefusedGrowth(StopReason reason) {
    if (!reason.equals(SUCCESS)) {
      recordRefusedGrowth();
    }
    return reason;
  }

  /** Calls the guest in an instance in which nothing has run. */
  private StopReason callAll() {
    var validated = module.validated();
    var reason =
        validated.preparer().isPresent()
            ? prepareForThisRun()
            : validated.hasInitializer() ? call(engine.names().initialize(), false) : SUCCESS;
    return reason.equals(SUCCESS) ? callEntryPoint() : reason;
  }

  private StopReason prepareForThisRun() {
    var run = state;
    state = run.preparation();
    var reason = initializeAndPrepare();
    if (reason.equals(SUCCESS)) {
      run.prepared(state);
      state = run;
      fuel();
    }
    return reason;
  }

  private StopReason initializeAndPrepare() {
    var validated = module.validated();
    if (validated.hasInitializer()) {
      var reason = call(engine.names().initialize(), false);
      if (!reason.equals(SUCCESS)) {
        return reason;
      }
    }
    return call(engine.names().prepare(), validated.preparer().orElseThrow().returnsExitCode());
  }

  private StopReason callEntryPoint() {
    var entryPoint = module.validated().entryPoint();
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
    return new GuestMemory(memorySegment());
  }

  @Override
  public RunState run() {
    return state;
  }

  @Override
  public @Nullable Document content() {
    return module.validated().content();
  }
}
