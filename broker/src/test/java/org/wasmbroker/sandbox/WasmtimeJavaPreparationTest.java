package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasmbroker.testing.Guests.guest;

import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;

final class WasmtimeJavaPreparationTest extends PreparationContract {
  @Override
  Engine start(EngineConfig config) {
    return WasmtimeJavaEngine.start(config, Capabilities.STANDARD.functions());
  }

  @Test
  void noImagesAreMade() {
    try (var module = engine().compile(guest("prepared"), LIMITS)) {
      assertThat(module.prepares()).isTrue();
      assertThat(module.imageMaker()).isEmpty();
    }
  }
}
