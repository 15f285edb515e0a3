package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.component.Handles;
import org.wasmbroker.sandbox.component.ValidatedComponent;
import org.wasmbroker.sandbox.component.ValidatedComponent.Callable;
import org.wasmbroker.sandbox.component.ValidatedComponent.CoreArguments;
import org.wasmbroker.sandbox.component.ValidatedComponent.Export;
import org.wasmbroker.sandbox.component.ValidatedComponent.HostImport;
import org.wasmbroker.sandbox.host.GuestMemory;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.RunState;
import org.wasmbroker.sandbox.host.StopReason;
import org.wasmbroker.step.Document;

/**
 * One run of a component: a store, the instances of its core modules in it, and a call of its
 * entry. A host function may have the guest give out memory, and so call the guest; whatever calls
 * the host meanwhile ends the run.
 */
final class ComponentRun implements Callable {
  /** Bytes of a {@code wasmtime_val_raw_t}. */
  private static final int CELL = 16;

  /** Bytes of a {@code wasmtime_instance_t}. */
  private static final int INSTANCE = 16;

  /** Bytes of a {@code wasmtime_extern_t}, and the offset of the value in it. */
  private static final int EXTERN = 32;

  private static final int EXTERN_VALUE = 8;

  /** Cells for the parameters and the result of one call of the guest. */
  private static final int CALL_CELLS = 4;

  private static final long UNREACHABLE_TICKS = 1_000_000_000;
  private static final long UNLIMITED_FUEL = Long.MAX_VALUE;
  private static final MemorySegment NO_MEMORY = MemorySegment.ofArray(new byte[0]);

  private final WasmtimeEngine engine;
  private final LibWasmtime lib;
  private final WasmtimeComponent component;
  private final ValidatedComponent validated;
  private final Slot slot;
  private final RunState state;
  private final Handles handles = new Handles();

  /** Whether each function of the host was made in this store. */
  private final boolean[] made;

  private long context;
  private long instances;
  private long functions;
  private long imports;
  private long extern;
  private long memory;
  private long cells;
  private long trapOut;

  private int instantiated;
  private boolean memoryFound;
  private long memoryBytes;

  /** What gives out memory to whoever asks now; null if nothing can. */
  private @Nullable Export realloc;

  private boolean allocating;

  /** How the guest failed in a call that the host made; null if it did not. */
  private @Nullable StopReason failure;

  ComponentRun(WasmtimeEngine engine, WasmtimeComponent component, Slot slot, RunState state) {
    this.engine = engine;
    this.lib = engine.lib();
    this.component = component;
    this.validated = component.validated();
    this.slot = slot;
    this.state = state;
    this.made = new boolean[validated.functions().size()];
    this.memoryBytes = validated.initialMemoryBytes();
  }

  /** The size of the guest's memory when the run ended. */
  long memoryBytes() {
    return memoryBytes;
  }

  /** Runs the guest. No native resource of the run remains when this returns. */
  StopReason execute() {
    try (var arena = Arena.ofConfined()) {
      place(arena);
      long store = lib.storeNew(engine.handle(), slot.index());
      slot.beginRun(this);
      try {
        context = lib.storeContext(store);
        var limits = state.limits();
        lib.storeLimiter(
            store,
            limits.memoryBytes(),
            limits.tableElements(),
            validated.instances().size(),
            validated.tables());
        lib.storeEpochCallback(store, engine.tickCallback(), slot.index());
        lib.setEpochDeadline(context, 1); // before instantiation, which runs start functions
        fuel();
        var reason = runGuest();
        if (!reason.equals(WasmtimeRun.SUCCESS)) {
          recordRefusedGrowth();
        }
        return reason;
      } finally {
        if (memoryFound) {
          memoryBytes = lib.memoryDataSize(context, memory + EXTERN_VALUE);
        }
        lib.storeDelete(store);
        slot.endRun();
      }
    }
  }

  /** Lays out what libwasmtime reads and writes. */
  private void place(Arena arena) {
    long instanceBytes = (long) INSTANCE * validated.instances().size();
    long functionBytes = (long) EXTERN * validated.functions().size();
    long importBytes = (long) EXTERN * component.mostImports();
    long base =
        arena
            .allocate(
                instanceBytes + functionBytes + importBytes + 2 * EXTERN + CALL_CELLS * CELL + CELL,
                16)
            .address();
    instances = base;
    functions = instances + instanceBytes;
    imports = functions + functionBytes;
    extern = imports + importBytes;
    memory = extern + EXTERN;
    cells = memory + EXTERN;
    trapOut = cells + CALL_CELLS * CELL;
  }

  private void fuel() {
    if (engine.fuelEnabled()) {
      long limit = state.limits().fuel();
      lib.setFuel(context, limit == 0 ? UNLIMITED_FUEL : limit);
    }
  }

  private StopReason runGuest() {
    try {
      for (int i = 0; i < validated.instances().size(); i++) {
        instantiate(i);
      }
      state.instantiated();
      realloc = validated.entry().realloc();
      return new StopReason.Returned(validated.entry().runner().run(this));
    } catch (GuestStoppedException stopped) {
      return failure == null ? StopReason.Trapped.interrupted() : failure;
    }
  }

  private void instantiate(int index) throws GuestStoppedException {
    var instance = validated.instances().get(index);
    long at = imports;
    for (var one : instance.imports()) {
      switch (one) {
        case Export export -> find(export, at);
        case HostImport(int function) -> NativeMemory.copy(function(function), at, EXTERN);
      }
      at += EXTERN;
    }
    NativeMemory.putLong(trapOut, 0);
    long error =
        lib.instanceNew(
            context,
            component.module(instance.module()),
            imports,
            instance.imports().size(),
            instances + (long) INSTANCE * index,
            trapOut);
    stopIfFailed(error);
    instantiated++;
    var export = validated.memory();
    if (export != null && export.instance() == index) {
      memory(); // so that its size is known whatever the guest does, also in a start function
    }
  }

  /** The {@code wasmtime_extern_t} of a function of the host. */
  private long function(int index) {
    long at = functions + (long) EXTERN * index;
    if (!made[index]) {
      NativeMemory.putLong(at, 0); // a function
      lib.functionNew(
          context,
          component.functionType(index),
          engine.componentCallback(),
          index,
          at + EXTERN_VALUE);
      made[index] = true;
    }
    return at;
  }

  private void find(Export export, long out) throws GuestStoppedException {
    if (export.instance() >= instantiated) {
      throw state.violated("it calls the host before its instances are made");
    }
    var name = component.name(export);
    long instance = instances + (long) INSTANCE * export.instance();
    if (!lib.instanceExport(context, instance, name.address(), name.length(), out)) {
      throw new IllegalStateException("a validated component has no export " + name.text());
    }
  }

  /** Throws if a call of the guest failed, once it is known why. */
  private void stopIfFailed(long error) throws GuestStoppedException {
    long trap = NativeMemory.getLong(trapOut);
    if ((error | trap) != 0) {
      if (state.stopReason() != null || failure != null) {
        engine.errors().discard(error, trap);
      } else {
        failure = engine.errors().stopReason(error, trap, state.limits());
      }
      NativeMemory.putLong(trapOut, 0); // it is freed, and the outer call may write none
      slot.replaceUsed(); // the host function that called the guest needs them, too
      throw new GuestStoppedException("the guest failed");
    }
  }

  @Override
  public long call(Export function, long... arguments) throws GuestStoppedException {
    find(function, extern);
    long target = cells;
    for (int i = 0; i < CALL_CELLS; i++) {
      NativeMemory.putLong(target + (long) CELL * i, i < arguments.length ? arguments[i] : 0);
    }
    NativeMemory.putLong(trapOut, 0);
    long error = lib.callUnchecked(context, extern + EXTERN_VALUE, target, CALL_CELLS, trapOut);
    stopIfFailed(error);
    return NativeMemory.getInt(target) & 0xFFFF_FFFFL;
  }

  @Override
  public int allocate(int align, int bytes) throws GuestStoppedException {
    var function = realloc;
    if (function == null || allocating) {
      throw state.violated("it gives out no memory for a value");
    }
    allocating = true;
    try {
      return (int) call(function, 0, 0, align, bytes);
    } finally {
      allocating = false;
    }
  }

  /** Answers a host call by the guest. False stops the guest. */
  boolean hostCall(int index, long caller, long arguments) {
    long outer = context;
    var outerRealloc = realloc;
    context = lib.callerContext(caller);
    try {
      if (allocating) {
        throw state.violated("it calls the host while it gives out memory");
      }
      var function = validated.functions().get(index);
      realloc = function.realloc();
      CoreArguments read = place -> NativeMemory.getLong(arguments + (long) CELL * place);
      long result = function.body().call(this, read);
      var results = function.type().results();
      if (!results.isEmpty()) {
        NativeMemory.putLong(
            arguments, isNarrow(results.getFirst()) ? result & 0xFFFF_FFFFL : result);
      }
      return true;
    } catch (GuestStoppedException stopped) {
      return false;
    } finally {
      context = outer;
      realloc = outerRealloc;
    }
  }

  private static boolean isNarrow(ValueType type) {
    return type == ValueType.I32 || type == ValueType.F32;
  }

  @Override
  public GuestMemory memory() throws GuestStoppedException {
    var export = validated.memory();
    if (export == null) {
      return new GuestMemory(NO_MEMORY);
    }
    if (!memoryFound) {
      find(export, memory);
      memoryFound = true;
    }
    long base = lib.memoryData(context, memory + EXTERN_VALUE);
    return new GuestMemory(
        NativeMemory.segment(base, lib.memoryDataSize(context, memory + EXTERN_VALUE)));
  }

  @Override
  public RunState run() {
    return state;
  }

  @Override
  public @Nullable Document content() {
    return validated.content();
  }

  @Override
  public Handles handles() {
    return handles;
  }

  private void recordRefusedGrowth() {
    var probe = validated.probe();
    var export = validated.memory();
    if (probe.isPresent() && memoryFound && export != null) {
      lib.setEpochDeadline(context, UNREACHABLE_TICKS); // it does not count as the guest's time
      if (engine.fuelEnabled()) {
        lib.setFuel(context, UNLIMITED_FUEL);
      }
      var name = engine.names().refusedPages();
      long instance = instances + (long) INSTANCE * export.instance();
      if (!lib.instanceExport(context, instance, name.address(), name.length(), extern)) {
        throw new IllegalStateException("a component has lost its growth probe");
      }
      NativeMemory.putLong(trapOut, 0);
      long error = lib.callUnchecked(context, extern + EXTERN_VALUE, cells, CALL_CELLS, trapOut);
      long trap = NativeMemory.getLong(trapOut);
      engine.errors().discard(error, trap);
      if ((error | trap) == 0) {
        long size = lib.memoryDataSize(context, memory + EXTERN_VALUE);
        state.growthRefused(
            probe
                .orElseThrow()
                .requestedBytes(NativeMemory.getInt(cells), size, state.limits().memoryBytes()));
      }
    }
  }
}
