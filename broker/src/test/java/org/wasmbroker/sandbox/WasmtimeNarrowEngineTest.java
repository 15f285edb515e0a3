package org.wasmbroker.sandbox;

import org.wasmbroker.sandbox.wasmtime.WasmtimeEngines;

final class WasmtimeNarrowEngineTest extends EngineContract {
  @Override
  Engine start(EngineConfig config) {
    return WasmtimeEngines.narrow(config);
  }
}
