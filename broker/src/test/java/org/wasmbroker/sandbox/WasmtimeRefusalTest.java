package org.wasmbroker.sandbox;

import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;

final class WasmtimeRefusalTest extends RefusalContract {
  @Override
  Engine start(EngineConfig config) {
    return WasmtimeEngine.start(config, Capabilities.STANDARD.functions());
  }
}
