package org.wasmbroker.sandbox;

import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;

final class WasmtimeRefusalTest extends RefusalContract {
  @Override
  Engine start(EngineConfig config) {
    return WasmtimeEngine.start(config);
  }
}
