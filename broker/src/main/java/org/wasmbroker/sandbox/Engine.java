package org.wasmbroker.sandbox;

import org.wasmbroker.step.EngineInfo;

/** Compiles modules and runs them in fresh instances. Thread-safe. */
public interface Engine extends AutoCloseable {
  EngineInfo info();

  /**
   * Checks a module against the ABI and the limits, and compiles it (or takes it from the compile
   * cache).
   *
   * @param wasm what is said to be a WebAssembly binary
   * @param limits the largest limits with which the module will be run
   * @throws ModuleRefusedException naming what is wrong with the module
   */
  CompiledModule compile(WasmBinary wasm, Limits limits);

  /** Frees the engine; every module of it is closed and no run is under way. */
  @Override
  void close();
}
