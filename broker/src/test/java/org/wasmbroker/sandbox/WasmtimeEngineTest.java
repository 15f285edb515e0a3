package org.wasmbroker.sandbox;

import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;

final class WasmtimeEngineTest extends EngineContract {
  @Override
  Engine start(EngineConfig config) {
    return WasmtimeEngine.start(config);
  }
}
