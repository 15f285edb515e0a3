package org.wasmbroker.sandbox;

import org.wasmbroker.step.EngineInfo;

/** Compiles modules and runs them in fresh instances. Thread-safe. */
public interface Engine extends AutoCloseable {
  EngineInfo info();

  /**
   * The limits to compile a module for, so that it can be run with the given ones. Equal results
   * mean equal machine code: what it does not depend on, such as a time limit, is left out.
   *
   * @throws IllegalArgumentException if this engine cannot enforce the limits; the message names
   *     the setting
   */
  Limits compileLimits(Limits limits);

  /**
   * Checks a module against the ABI and the limits, and compiles it (or takes it from the compile
   * cache). This may take as long as {@link CompileLimits} allow; an interrupt ends it.
   *
   * @param wasm the WebAssembly binary, not yet trusted to be one
   * @param limits the largest limits that the module will be run with
   * @throws ModuleRefusedException if the module is refused; the message says why
   * @throws IllegalStateException if the thread was interrupted or the engine is closed
   */
  CompiledModule compile(WasmBinary wasm, Limits limits);

  /** Closes the engine and its modules, once no run is in progress. */
  @Override
  void close();
}
