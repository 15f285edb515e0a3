package org.wasmbroker.registry.compiled;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.wasmbroker.registry.compiled.CompiledModules.Result;
import org.wasmbroker.registry.image.PreparedImages;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ModuleEvent;

/** Has the engine compile, until it is stopped; that ends what is being compiled. */
final class Compilations {
  private final Engine engine;
  private final PreparedImages images;
  private final EventSink events;
  private final Set<Thread> compiling = new HashSet<>(); // guarded by itself
  private boolean stopped; // guarded by compiling

  Compilations(Engine engine, PreparedImages images, EventSink events) {
    this.engine = engine;
    this.images = images;
    this.events = events;
  }

  /** Whatever happens becomes a result, since other threads wait for it. */
  Result compile(WasmBinary wasm, Limits limits) {
    try {
      var module = compileUnlessStopped(wasm, limits);
      var took = module.compilation();
      if (took != null) {
        events.on(new ModuleEvent.Compiled(took));
      }
      return new Result.Compiled(images.over(module));
    } catch (ModuleRefusedException refused) {
      failure(refused.reason())
          .ifPresent(kind -> events.on(new ModuleEvent.CompilationFailed(kind)));
      return new Result.Rejected(String.valueOf(refused.getMessage()));
    } catch (Throwable unexpected) {
      var cause =
          unexpected instanceof EngineUnavailableException known
              ? known.getMessage()
              : String.valueOf(unexpected);
      return new Result.Broken("the engine could not compile it: " + cause);
    }
  }

  private CompiledModule compileUnlessStopped(WasmBinary wasm, Limits limits) {
    synchronized (compiling) {
      if (stopped) {
        throw new IllegalStateException("the broker is stopping");
      }
      compiling.add(Thread.currentThread());
    }
    try {
      return engine.compile(wasm, limits);
    } finally {
      synchronized (compiling) {
        compiling.remove(Thread.currentThread());
        if (stopped) {
          Thread.interrupted(); // it was meant for the compilation
        }
      }
    }
  }

  private static Optional<ModuleEvent.CompilationFailure> failure(Reason reason) {
    return switch (reason) {
      case COMPILE_TIME -> Optional.of(ModuleEvent.CompilationFailure.TIME);
      case COMPILE_MEMORY -> Optional.of(ModuleEvent.CompilationFailure.MEMORY);
      case COMPILE_CRASH -> Optional.of(ModuleEvent.CompilationFailure.CRASH);
      case NOT_WEBASSEMBLY,
          INVALID,
          TOO_LARGE,
          UNKNOWN_IMPORT,
          MISSING_EXPORT,
          WRONG_SIGNATURE,
          OVER_LIMIT,
          NOT_GRANTED ->
          Optional.empty();
    };
  }

  void stop() {
    synchronized (compiling) {
      stopped = true;
      compiling.forEach(Thread::interrupt);
    }
  }
}
