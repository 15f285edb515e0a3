package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.RecordedLog;

final class WasmtimeEngineTest extends EngineContract {
  @Override
  Engine start(EngineConfig config) {
    return WasmtimeEngine.start(config);
  }

  @Test
  void closingTheEngineWaitsForTheRunsUnderWay() throws Exception {
    var limits = Limits.DEFAULTS.withTime(Duration.ofMillis(50));
    try (var threads = Executors.newFixedThreadPool(1)) {
      var closing = start(EngineConfig.of(2));
      var module = closing.compile(Guests.guest("loop"), limits);
      var log = new RecordedLog();
      var running =
          threads.submit(
              () -> module.run(new Invocation(Document.EMPTY, limits, new Cancellation(), log)));
      log.awaitFirst();

      closing.close();

      assertThat(running.get()).isInstanceOf(LimitExceeded.class);
    }
  }
}
