package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.InvocationResult.Cancelled;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.Invocations;
import org.wasmbroker.testing.RecordingGuestLog;

final class WasmtimeEngineTest extends EngineContract {
  @Override
  Engine start(EngineConfig config) {
    return WasmtimeEngine.start(config, Capabilities.STANDARD.functions());
  }

  @Test
  void aGuestThatRunsOutOfFuelExceedsTheLimit() {
    var limits = Limits.DEFAULTS.with(LimitKind.FUEL, 1_000_000);
    try (var metered = start(EngineConfig.of(1).withFuel(true));
        var loop = metered.compile(Guests.guest("loop"), limits);
        var echo = metered.compile(Guests.guest("echo"), limits)) {
      var log = new RecordingGuestLog();
      assertThat(loop.run(Invocations.basic(Document.EMPTY, limits, new Cancellation(), log)))
          .isInstanceOfSatisfying(
              LimitExceeded.class,
              exceeded -> {
                assertThat(exceeded.limit()).isEqualTo(LimitKind.FUEL);
                assertThat(exceeded.allowed()).isEqualTo(1_000_000);
                assertThat(exceeded.used()).isEqualTo(1_000_000);
              });
      assertThat(echo.run(Invocations.basic(Document.of("{}"), limits, new Cancellation(), log)))
          .isInstanceOf(InvocationResult.Completed.class);
    }
  }

  @Test
  void anInstructionThatFillsMemoryCostsFuelForEachByte() {
    var limits = Limits.DEFAULTS.with(LimitKind.FUEL, 1_000_000);
    var fill =
        Wat.toWasm(
            """
            (module
              (import "wasm_broker_v1" "write_output"
                (func $write_output (param i32 i32) (result i32)))
              (memory (export "memory") 40)
              (func (export "run") (result i32)
                (memory.fill (i32.const 0) (i32.const 32) (i32.const 2000000))
                (call $write_output (i32.const 0) (i32.const 2))))
            """);
    try (var metered = start(EngineConfig.of(1).withFuel(true));
        var module = metered.compile(fill, limits.with(LimitKind.FUEL, 3_000_000))) {
      assertThat(run(module, limits))
          .isInstanceOfSatisfying(
              LimitExceeded.class,
              exceeded -> {
                assertThat(exceeded.limit()).isEqualTo(LimitKind.FUEL);
                assertThat(exceeded.message()).contains("a unit for each byte or element");
              });
      assertThat(run(module, limits.with(LimitKind.FUEL, 3_000_000)))
          .isInstanceOf(InvocationResult.Completed.class);
    }
  }

  private static InvocationResult run(CompiledModule module, Limits limits) {
    return module.run(
        Invocations.basic(Document.EMPTY, limits, new Cancellation(), new RecordingGuestLog()));
  }

  @Test
  void withoutAFuelLimitAMeteredGuestRunsToItsDeadline() {
    var limits = Limits.DEFAULTS.withTime(Duration.ofMillis(30));
    try (var metered = start(EngineConfig.of(1).withFuel(true));
        var loop = metered.compile(Guests.guest("loop"), limits)) {
      assertThat(
              loop.run(
                  Invocations.basic(
                      Document.EMPTY, limits, new Cancellation(), new RecordingGuestLog())))
          .isInstanceOfSatisfying(
              LimitExceeded.class, it -> assertThat(it.limit()).isEqualTo(LimitKind.TIME));
    }
  }

  @Test
  void aFuelLimitIsRefusedWhenTheEngineDoesNotMeterFuel() {
    var limits = Limits.DEFAULTS.with(LimitKind.FUEL, 1);
    try (var plain = start(EngineConfig.of(1))) {
      assertThatThrownBy(() -> plain.compile(Guests.guest("echo"), limits))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("engine.fuel must be true");
    }
  }

  @Test
  void closingTheEngineWaitsForRunsInProgress() throws Exception {
    var limits = Limits.DEFAULTS.withTime(Duration.ofMinutes(10));
    try (var threads = Executors.newFixedThreadPool(1)) {
      var closing = start(EngineConfig.of(2));
      var module = closing.compile(Guests.guest("loop"), limits);
      var log = new RecordingGuestLog();
      var cancellation = new Cancellation();
      var running =
          threads.submit(
              () -> module.run(Invocations.basic(Document.EMPTY, limits, cancellation, log)));
      log.awaitFirstLine();

      var close = Thread.ofPlatform().start(closing::close);
      Await.until("the engine waits", () -> close.getState() == Thread.State.WAITING);
      cancellation.request("the end of the test");
      close.join();

      assertThat(running.get()).isInstanceOf(Cancelled.class);
    }
  }
}
