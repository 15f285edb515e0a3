package org.wasmbroker.sandbox.wasmtimejava;

import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.WasmtimeException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Holds;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.binary.MemoryClamp;
import org.wasmbroker.sandbox.binary.ModuleShape;
import org.wasmbroker.sandbox.host.GuestKind;
import org.wasmbroker.sandbox.host.HostClocks;
import org.wasmbroker.sandbox.host.ModuleValidator;
import org.wasmbroker.sandbox.host.RunState;
import org.wasmbroker.sandbox.host.StopReason;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.step.SafeText;

/**
 * A module, compiled for each slot in which it has run. Memory and table limits are part of the
 * compiled code, so a run with limits different from the slot's last run compiles the module again:
 * all runs of a module should have the same limits.
 */
final class SlottedModule implements CompiledModule {
  private static final int MAX_MESSAGE_LENGTH = 500;

  private final PreparedModule prepared;
  private final Limits limits;
  private final Slots slots;
  private final EngineInfo engine;
  private final HostClocks clocks;
  private final Consumer<SlottedModule> onFreed;

  /** By slot; accessed by the holder of the slot, and finally by the last run to end. */
  private final @Nullable Compiled[] compiled;

  private volatile @Nullable Duration compilation;
  private final Holds holds;

  SlottedModule(
      PreparedModule prepared,
      Limits limits,
      Slots slots,
      EngineInfo engine,
      HostClocks clocks,
      Consumer<SlottedModule> onFreed) {
    this.prepared = prepared;
    this.limits = limits;
    this.slots = slots;
    this.engine = engine;
    this.clocks = clocks;
    this.onFreed = onFreed;
    this.compiled = new @Nullable Compiled[slots.count()];
    this.holds = new Holds("module " + prepared.digest(), this::free);
  }

  /**
   * Compiles the module, which puts its code into the library's cache for the slots.
   *
   * @throws ModuleRefusedException if the library rejects the module
   */
  void compile(FirstCompiler compiler) {
    try {
      compilation = compiler.compile(MemoryClamp.clamp(prepared.wasm(), prepared.shape(), limits));
    } catch (WasmtimeException invalid) {
      throw new ModuleRefusedException(
          Reason.INVALID,
          "the module is invalid: "
              + SafeText.sanitize(String.valueOf(invalid.getMessage()), MAX_MESSAGE_LENGTH));
    }
  }

  @Override
  public @Nullable Duration compilation() {
    return compilation;
  }

  @Override
  public void requireStartsWithin(Limits atStart) {
    ModuleValidator.requireStartsWithin(prepared.validated().shape(), atStart);
  }

  @Override
  public boolean hold() {
    return holds.take();
  }

  @Override
  public void unhold() {
    holds.release();
  }

  @Override
  public Digest digest() {
    return prepared.digest();
  }

  @Override
  public boolean isCommand() {
    return prepared.validated().kind() == GuestKind.COMMAND;
  }

  @Override
  public boolean prepares() {
    return prepared.validated().preparer().isPresent();
  }

  @Override
  public InvocationResult run(Invocation invocation) {
    invocation.limits().requireWithin(limits);
    if (invocation.image() != null) {
      throw new IllegalArgumentException("engine wasmtime-java starts no instance with an image");
    }
    holds.require();
    try {
      var slot = slots.acquire();
      try {
        return run(invocation, slot);
      } finally {
        slots.release(slot);
      }
    } finally {
      holds.release();
    }
  }

  private InvocationResult run(Invocation invocation, EngineSlot slot) {
    var requested = invocation.limits();
    var validated = prepared.validated();
    var preflight = newState(invocation);
    if (preflight.exceedsLimitsAtStart(
        validated.initialMemoryBytes(), validated.initialTableElements())) {
      return preflight.finishWithoutGuest(engine, 0);
    }
    // The run's time starts once the slot has the compiled module.
    var module = compiledFor(slot, requested);
    return run(module, newState(invocation), slot);
  }

  private RunState newState(Invocation invocation) {
    return new RunState(prepared.functions(), invocation, prepared.validated().kind(), clocks);
  }

  private InvocationResult run(Module module, RunState state, EngineSlot slot) {
    StopReason stopReason;
    RunState ended;
    long memoryBytes;
    try (var handles = new Handles()) {
      var store = slot.newStore(handles);
      slot.watch(
          Deadline.after(
              state.remainingNanos(), clocks.monotonic(), state.invocation().cancellation()));
      try {
        var run = new GuestRun(prepared, state, store, handles);
        stopReason = run.run(module);
        ended = run.state();
        memoryBytes = run.memoryBytes();
      } finally {
        slot.unwatch();
      }
    }
    return ended.finish(stopReason, engine, memoryBytes);
  }

  private Module compiledFor(EngineSlot slot, Limits requested) {
    var pages = requested.memoryBytes() / ModuleShape.PAGE_BYTES;
    var last = compiled[slot.index()];
    if (last != null
        && last.pages() == pages
        && last.tableElements() == requested.tableElements()) {
      return last.module();
    }
    if (last != null) {
      compiled[slot.index()] = null;
      last.module().dispose();
    }
    var clamped = MemoryClamp.clamp(prepared.wasm(), prepared.shape(), requested);
    var module = slot.compile(clamped);
    compiled[slot.index()] = new Compiled(pages, requested.tableElements(), module);
    return module;
  }

  @Override
  public void close() {
    holds.close();
  }

  private void free() {
    for (int slot = 0; slot < compiled.length; slot++) {
      var current = compiled[slot];
      if (current != null) {
        compiled[slot] = null;
        current.module().dispose();
      }
    }
    onFreed.accept(this);
  }

  /** A module's native code in a slot, for specific limits. */
  private record Compiled(long pages, int tableElements, Module module) {}
}
