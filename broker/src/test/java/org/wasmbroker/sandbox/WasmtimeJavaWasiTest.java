package org.wasmbroker.sandbox;

import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;

final class WasmtimeJavaWasiTest extends WasiContract {
  @Override
  Engine start(EngineConfig config) {
    return WasmtimeJavaEngine.start(config, Capabilities.STANDARD.functions());
  }
}
