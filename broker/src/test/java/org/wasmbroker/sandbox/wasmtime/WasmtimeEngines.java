package org.wasmbroker.sandbox.wasmtime;

import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;

/** Engines with the memory layout of a machine with little address space. */
public final class WasmtimeEngines {
  private static final long NONE = 0;
  private static final long LITTLE = 4L << 30;

  private WasmtimeEngines() {}

  /** A pool whose memories are no larger than their limit. */
  public static Engine narrow(EngineConfig config) {
    return WasmtimeEngine.start(
        config, MemoryPlan.of(config, LITTLE), Capabilities.STANDARD.functions());
  }

  /** No pool: each run allocates its memory. */
  public static Engine onDemand(EngineConfig config) {
    return WasmtimeEngine.start(
        config, MemoryPlan.of(config, NONE), Capabilities.STANDARD.functions());
  }
}
