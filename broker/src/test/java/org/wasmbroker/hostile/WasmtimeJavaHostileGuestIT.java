package org.wasmbroker.hostile;

import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;

final class WasmtimeJavaHostileGuestIT extends HostileGuestContract {
  @Override
  Engine start(EngineConfig config) {
    return WasmtimeJavaEngine.start(config, Capabilities.STANDARD.functions());
  }
}
