package org.wasmbroker.hostile;

import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;

final class WasmtimeHostileGuestIT extends HostileGuestContract {
  @Override
  Engine start(EngineConfig config) {
    return WasmtimeEngine.start(config, Capabilities.STANDARD.functions());
  }
}
