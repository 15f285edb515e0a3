package org.wasmbroker.sandbox.wasmtimejava;

import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.WasmtimeException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.MemoryClamp;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.ModuleShape;
import org.wasmbroker.sandbox.host.GuestExit;
import org.wasmbroker.sandbox.host.HostClocks;
import org.wasmbroker.sandbox.host.RunState;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.step.SafeText;

/**
 * A module, compiled for each slot in which it ran. Its limits of memory and table are written into
 * the compiled code, so a run with other limits than the slot's last one compiles anew: give all
 * runs of a module the same limits.
 */
final class SlottedModule implements CompiledModule {
  private static final int MESSAGE_CHARACTERS = 500;

  private final Program program;
  private final Limits limits;
  private final Slots slots;
  private final EngineInfo engine;
  private final HostClocks clocks;
  private final Consumer<SlottedModule> forget;

  /** By slot; used by the holder of the slot, and at the end by the last to leave. */
  private final @Nullable Compiled[] compiled;

  private int runs; // guarded by this
  private boolean closed; // guarded by this

  SlottedModule(
      Program program,
      Limits limits,
      Slots slots,
      EngineInfo engine,
      HostClocks clocks,
      Consumer<SlottedModule> forget) {
    this.program = program;
    this.limits = limits;
    this.slots = slots;
    this.engine = engine;
    this.clocks = clocks;
    this.forget = forget;
    this.compiled = new @Nullable Compiled[slots.count()];
  }

  /**
   * Compiles it for a first slot.
   *
   * @throws ModuleRefusedException if the library finds the module invalid
   */
  void validate() {
    var slot = slots.take();
    try {
      compiledFor(slot, limits);
    } catch (WasmtimeException invalid) {
      throw new ModuleRefusedException(
          Reason.INVALID,
          "the module is invalid: "
              + SafeText.sanitize(String.valueOf(invalid.getMessage()), MESSAGE_CHARACTERS));
    } finally {
      slots.giveBack(slot);
    }
  }

  @Override
  public Digest digest() {
    return program.digest();
  }

  @Override
  public InvocationResult run(Invocation invocation) {
    invocation.limits().requireWithin(limits);
    enter();
    try {
      var slot = slots.take();
      try {
        return run(invocation, slot);
      } finally {
        slots.giveBack(slot);
      }
    } finally {
      leave();
    }
  }

  private InvocationResult run(Invocation invocation, EngineSlot slot) {
    var asked = invocation.limits();
    var admitted = program.admitted();
    var unmade = newState(invocation);
    if (unmade.exceedsLimitsAtStart(
        admitted.initialMemoryBytes(), admitted.initialTableElements())) {
      return unmade.finish(new GuestExit.Interrupted(), engine, 0);
    }
    // The time of the run begins when the slot has the module.
    var module = compiledFor(slot, asked);
    return run(module, newState(invocation), slot);
  }

  private RunState newState(Invocation invocation) {
    return new RunState(invocation, program.admitted().kind(), clocks);
  }

  private InvocationResult run(Module module, RunState state, EngineSlot slot) {
    GuestExit exit;
    long memoryBytes;
    try (var handles = new Handles()) {
      var store = slot.newStore(handles);
      slot.watch(Deadline.in(state.left(), clocks.monotonic(), state.invocation().cancellation()));
      try {
        var run = new GuestRun(program, state, store, handles);
        exit = run.run(module);
        memoryBytes = run.memoryBytes();
      } finally {
        slot.unwatch();
      }
    }
    return state.finish(exit, engine, memoryBytes);
  }

  private Module compiledFor(EngineSlot slot, Limits asked) {
    var pages = asked.memoryBytes() / ModuleShape.PAGE_BYTES;
    var last = compiled[slot.index()];
    if (last != null && last.pages() == pages && last.tableElements() == asked.tableElements()) {
      return last.module();
    }
    if (last != null) {
      compiled[slot.index()] = null;
      last.module().dispose();
    }
    var clamped = MemoryClamp.clamp(program.wasm(), program.shape(), asked);
    var module = slot.compile(clamped);
    compiled[slot.index()] = new Compiled(pages, asked.tableElements(), module);
    return module;
  }

  private synchronized void enter() {
    if (closed) {
      throw new IllegalStateException("the module " + digest() + " is closed");
    }
    runs++;
  }

  private synchronized void leave() {
    runs--;
    freeIfUnused();
  }

  @Override
  public synchronized void close() {
    closed = true;
    freeIfUnused();
  }

  private synchronized void freeIfUnused() {
    if (closed && runs == 0) {
      for (int slot = 0; slot < compiled.length; slot++) {
        var one = compiled[slot];
        if (one != null) {
          compiled[slot] = null;
          one.module().dispose();
        }
      }
      forget.accept(this);
    }
  }

  /** What a slot holds of a module: native code for these limits. */
  private record Compiled(long pages, int tableElements, Module module) {}
}
