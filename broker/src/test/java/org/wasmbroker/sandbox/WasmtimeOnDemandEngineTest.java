package org.wasmbroker.sandbox;

import org.wasmbroker.sandbox.wasmtime.WasmtimeEngines;

final class WasmtimeOnDemandEngineTest extends EngineContract {
  @Override
  Engine start(EngineConfig config) {
    return WasmtimeEngines.onDemand(config);
  }
}
