package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;

/**
 * Turns WebAssembly into a {@code wasmtime_module_t}: from what was compiled before, or compiled,
 * in a process of its own unless the configuration says otherwise.
 */
final class Compiler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Compiler.class);

  private final NativeModules modules;
  private final @Nullable CompileSeed seed;
  private final @Nullable CompileCache cache;
  private final @Nullable CompilerProcesses processes;

  Compiler(LibWasmtime lib, long engine, EngineConfig config, EngineSettings settings) {
    this.modules = new NativeModules(lib, engine);
    this.seed =
        config.compileSeed() == null
            ? null
            : CompileSeed.open(config.compileSeed(), settings.fingerprint());
    this.cache =
        config.compileCache() == null
            ? null
            : CompileCache.open(
                config.compileCache(), config.cacheBounds(), settings.fingerprint());
    this.processes =
        config.compile() == null
            ? null
            : new CompilerProcesses(lib.file(), settings, config.compile());
  }

  /**
   * A module of the engine.
   *
   * @param took how long it took to compile; null if it was compiled before
   * @param codeBytes the size of its machine code
   */
  record Compiled(long module, @Nullable Duration took, long codeBytes) {}

  /**
   * Loads a module that was compiled before the start or is in the cache, or compiles it.
   *
   * @throws ModuleRefusedException if the engine refuses the module or cannot compile it within the
   *     limits; the message gives the reason
   */
  Compiled loadOrCompile(WasmBinary wasm) {
    try (var arena = Arena.ofShared()) {
      long cached = seed == null ? 0 : deserialise(seed.find(wasm.digest(), arena));
      if (cached == 0 && cache != null) {
        cached = deserialise(cache.find(wasm.digest(), arena));
      }
      if (cached != 0) {
        return new Compiled(cached, null, modules.codeBytes(cached));
      }
      long start = System.nanoTime();
      long module =
          processes == null
              ? compileInThisProcess(wasm, arena)
              : compileInAnotherProcess(processes, wasm, arena);
      var took = Duration.ofNanos(System.nanoTime() - start);
      return new Compiled(module, took, modules.codeBytes(module));
    }
  }

  /** Returns 0 if there is no code, or it is not for this engine. */
  private long deserialise(@Nullable MemorySegment code) {
    if (code == null) {
      return 0;
    }
    try {
      return modules.deserialise(code);
    } catch (IllegalArgumentException mismatch) { // for example after a change of processor
      log.atInfo()
          .addKeyValue("cause", mismatch.getMessage())
          .log("Compiled code does not match this engine or processor; compiling the module again");
      return 0;
    }
  }

  private long compileInAnotherProcess(CompilerProcesses others, WasmBinary wasm, Arena arena) {
    var code = others.compile(wasm, arena);
    long module;
    try {
      module = modules.deserialise(code);
    } catch (IllegalArgumentException notTaken) {
      throw others.refuse(wasm, notTaken);
    }
    store(wasm, code);
    return module;
  }

  private long compileInThisProcess(WasmBinary wasm, Arena arena) {
    long module = modules.compile(arena.allocateFrom(ValueLayout.JAVA_BYTE, wasm.bytes()));
    if (cache != null) {
      store(wasm, modules.serialise(module, arena));
    }
    return module;
  }

  private void store(WasmBinary wasm, MemorySegment code) {
    if (cache != null) {
      cache.store(wasm.digest(), code);
    }
  }

  /** Ends the compilations in progress. */
  @Override
  public void close() {
    if (processes != null) {
      processes.close();
    }
  }
}
