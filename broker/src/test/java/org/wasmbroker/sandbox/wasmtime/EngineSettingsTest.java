package org.wasmbroker.sandbox.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.testing.Guests;

/**
 * libwasmtime aborts the process if it rejects its settings, so it must accept all valid
 * configurations.
 */
final class EngineSettingsTest {
  @ParameterizedTest
  @CsvSource({
    "1, 65536, 65536, 100",
    "1, 4294967296, 8388608, 1000000",
    "3, 1000001, 100001, 1001",
    "4096, 33554432, 524288, 1000"
  })
  void everyValidConfigMakesAnEngine(int slots, long memoryBytes, int stackBytes, long tickMicros) {
    var config =
        new EngineConfig(
            slots,
            memoryBytes,
            stackBytes,
            Duration.ofNanos(tickMicros * 1000),
            1 << 20,
            null,
            null);
    var limits = Limits.DEFAULTS.withMemoryBytes(memoryBytes);
    for (long addressSpace : new long[] {1L << 46, 128L << 30, 0}) {
      try (var engine =
              WasmtimeEngine.start(
                  config, MemoryPlan.of(config, addressSpace), Capabilities.STANDARD.functions());
          var module = engine.compile(Guests.guest("loop"), limits)) {
        assertThat(module.digest()).isNotNull();
      }
    }
  }
}
