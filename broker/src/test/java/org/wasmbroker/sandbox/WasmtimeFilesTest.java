package org.wasmbroker.sandbox;

import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;

final class WasmtimeFilesTest extends FilesContract {
  @Override
  Engine start(EngineConfig config) {
    return WasmtimeEngine.start(config, Capabilities.STANDARD.functions());
  }
}
