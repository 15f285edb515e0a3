package org.wasmbroker.sandbox.wasmtimejava;

import io.github.kawamuray.wasmtime.Extern;
import io.github.kawamuray.wasmtime.Func;
import io.github.kawamuray.wasmtime.Instance;
import io.github.kawamuray.wasmtime.Memory;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;
import io.github.kawamuray.wasmtime.Val;
import io.github.kawamuray.wasmtime.WasmFunctionError.TrapError;
import io.github.kawamuray.wasmtime.WasmtimeException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.binary.GrowthProbe;
import org.wasmbroker.sandbox.host.GuestMemory;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.RunState;
import org.wasmbroker.sandbox.host.StopReason;
import org.wasmbroker.sandbox.host.ValidatedModule.Preparer;
import org.wasmbroker.sandbox.wasmtimejava.PreparedModule.HostImport;
import org.wasmbroker.step.Document;

/** One run of a module in a fresh instance. */
final class GuestRun {
  private static final StopReason SUCCESS = new StopReason.Returned(0);

  /** More than the epoch can be incremented during a run. */
  private static final long UNREACHABLE_TICKS = 1_000;

  private final PreparedModule prepared;
  private RunState state;
  private final Store<Void> store;
  private final Handles handles;
  private @Nullable Instance instance;
  private @Nullable Memory memory;

  /**
   * @param handles owns the store and everything that the run creates
   */
  GuestRun(PreparedModule prepared, RunState state, Store<Void> store, Handles handles) {
    this.prepared = prepared;
    this.state = state;
    this.store = store;
    this.handles = handles;
  }

  /** The part of the run in which it is, or in which it ended. */
  RunState state() {
    return state;
  }

  /** Instantiates the module and calls its entry point. */
  StopReason run(Module module) {
    var stopReason = instantiateAndCall(module);
    if (!stopReason.equals(SUCCESS)) {
      prepared.validated().probe().ifPresent(this::recordRefusedGrowth);
    }
    return stopReason;
  }

  private StopReason instantiateAndCall(Module module) {
    try {
      instance = instantiate(module);
      if (prepared.start().isPresent()) {
        call(prepared.start().orElseThrow());
      }
      state.instantiated();
      if (prepared.validated().preparer().isPresent()) {
        int code = prepareForThisRun();
        if (code != 0) {
          return new StopReason.Returned(code);
        }
      } else {
        initialize();
      }
      return new StopReason.Returned(call(prepared.validated().entryPoint().export()));
    } catch (TrapError trap) {
      state.shouldStop(); // records the reason if it was the deadline or a cancellation
      return Traps.stopReason(trap);
    } catch (WasmtimeException error) {
      return Traps.stopReason(error);
    }
  }

  /** Returns what {@code prepare} returned; if it was 0, the run continues. */
  private int prepareForThisRun() {
    var run = state;
    state = run.preparation();
    initialize();
    int code = call(Preparer.EXPORT);
    if (code == 0) {
      run.prepared(state);
      state = run;
    }
    return code;
  }

  private void initialize() {
    if (prepared.validated().hasInitializer()) {
      call("_initialize");
    }
  }

  private void recordRefusedGrowth(GrowthProbe probe) {
    if (instance != null) {
      store.setEpochDeadline(UNREACHABLE_TICKS); // the probe does not count as the guest's time
      int pages = call(GrowthProbe.EXPORT);
      state.growthRefused(probe.requestedBytes(pages, memoryBytes(), state.limits().memoryBytes()));
    }
  }

  private Instance instantiate(Module module) {
    var externs = new ArrayList<Extern>();
    for (var imported : prepared.imports()) {
      var function =
          new Func(
              store,
              imported.type(),
              (caller, params, results) -> handleHostCall(imported, params, results));
      externs.add(Extern.fromFunc(handles.own(function)));
    }
    var created = handles.own(new Instance(store, module, externs));
    memory = handles.own(created.getMemory(store, "memory").orElseThrow());
    return created;
  }

  /** Calls an exported function without parameters; returns its result, or 0 if it has none. */
  private int call(String export) {
    var function = Objects.requireNonNull(instance).getFunc(store, export).orElseThrow();
    var results = handles.own(function).call(store);
    return results.length == 0 ? 0 : results[0].i32();
  }

  /** The current size of the guest's memory, which never shrinks. */
  long memoryBytes() {
    return memory == null ? 0 : memory.dataSize(store);
  }

  /**
   * Handles a host call by the guest. An exception stops the guest: the library turns it into an
   * error of its own that keeps only the message; {@link RunState} holds the reason.
   */
  private void handleHostCall(HostImport imported, Val[] params, Val[] results) {
    try {
      long result = imported.entry().call(new Call(params));
      var type = imported.entry().function().result();
      if (type != null) {
        results[0] = type == ValueType.I32 ? Val.fromI32((int) result) : Val.fromI64(result);
      }
    } catch (GuestStoppedException stopped) {
      throw stopped;
    } catch (Throwable fault) {
      state.hostFunctionFailed(fault);
      throw new GuestStoppedException("a host function failed");
    }
  }

  /** A host call. */
  private final class Call implements HostCall {
    private final Val[] params;

    Call(Val[] params) {
      this.params = params;
    }

    @Override
    public int i32(int index) {
      return params[index].i32();
    }

    @Override
    public long i64(int index) {
      return params[index].i64();
    }

    @Override
    public GuestMemory memory() {
      if (memory == null) {
        throw new IllegalStateException("the guest called before its instance was created");
      }
      return new GuestMemory(MemorySegment.ofBuffer(memory.buffer(store)));
    }

    @Override
    public RunState run() {
      return state;
    }

    @Override
    public @Nullable Document content() {
      return prepared.validated().content();
    }
  }
}
