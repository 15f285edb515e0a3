package org.wasmbroker.sandbox;

import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;

final class WasmtimeJavaFilesTest extends FilesContract {
  @Override
  Engine start(EngineConfig config) {
    return WasmtimeJavaEngine.start(config, Capabilities.STANDARD.functions());
  }
}
