package org.wasmbroker.sandbox;

import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;

final class WasmtimeJavaEngineTest extends EngineContract {
  @Override
  Engine start(EngineConfig config) {
    return WasmtimeJavaEngine.start(config, Capabilities.STANDARD.functions());
  }

  @Override
  protected long maxHostCalls() {
    return WasmtimeJavaEngine.maximum(LimitKind.HOST_CALLS);
  }

  @Override
  boolean hasBacktraces() {
    return false;
  }
}
