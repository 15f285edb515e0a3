package org.wasmbroker.app;

import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;

/** The engines by name. */
public final class Engines {
  private Engines() {}

  /**
   * Makes an engine.
   *
   * @throws org.wasmbroker.sandbox.EngineUnavailableException if this machine cannot have it
   */
  public static Engine start(EngineName name, EngineConfig config) {
    return switch (name) {
      case WASMTIME -> WasmtimeEngine.start(config);
      case WASMTIME_JAVA -> WasmtimeJavaEngine.start(config);
    };
  }
}
