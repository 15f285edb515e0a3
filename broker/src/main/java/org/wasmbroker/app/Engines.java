package org.wasmbroker.app;

import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;

/** Creates engines by name. */
public final class Engines {
  private Engines() {}

  /** The highest value of a limit that an engine can enforce. */
  public static long ceiling(EngineName name, EngineConfig config, LimitKind limit) {
    return switch (name) {
      case WASMTIME -> limit == LimitKind.FUEL && !config.fuel() ? 0 : limit.maximum();
      case WASMTIME_JAVA -> WasmtimeJavaEngine.maximum(limit);
    };
  }

  /**
   * Starts an engine.
   *
   * @throws org.wasmbroker.sandbox.EngineUnavailableException if it is not available on this
   *     machine
   */
  public static Engine start(EngineName name, EngineConfig config) {
    return switch (name) {
      case WASMTIME -> WasmtimeEngine.start(config, Capabilities.STANDARD.functions());
      case WASMTIME_JAVA -> WasmtimeJavaEngine.start(config, Capabilities.STANDARD.functions());
    };
  }
}
