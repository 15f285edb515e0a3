package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.wasmbroker.testing.Guests.guest;

import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.InvocationResult.Cancelled;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.PreparationResult.Failed;
import org.wasmbroker.sandbox.PreparationResult.Prepared;
import org.wasmbroker.sandbox.PreparationResult.TooLarge;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtime.Wat;

final class WasmtimePreparationTest extends PreparationContract {
  private static final String READ_INPUT =
      "(import \"wasm_broker_v1\" \"read_input\" (func $read_input (param i32 i32) (result i32)))";
  private static final String WRITE_OUTPUT =
      "(import \"wasm_broker_v1\" \"write_output\" (func $write_output (param i32 i32) (result"
          + " i32)))";

  @Override
  Engine start(EngineConfig config) {
    return WasmtimeEngine.start(config, Capabilities.STANDARD.functions());
  }

  @Test
  void anImageHoldsOnlyWhatPrepareChanged() {
    try (var module = engine().compile(guest("prepared"), LIMITS)) {
      var image = image(module, "{}");

      assertThat(module.imageMaker()).isPresent();
      assertThat(image.module()).isEqualTo(module.digest());
      assertThat(image.memoryBytes()).isEqualTo(2 * PAGE);
      assertThat(image.bytes()).isLessThan(1500);
    }
  }

  @Test
  void aPreparationReportsWhatItUsed() {
    try (var module = engine().compile(guest("prepared"), LIMITS)) {
      var receipt = module.imageMaker().orElseThrow().prepare(preparation("{}", LIMITS)).receipt();

      assertThat(receipt.engine()).isEqualTo(engine().info());
      assertThat(receipt.memoryHighWaterBytes()).isEqualTo(2 * PAGE);
      assertThat(receipt.bytesIn()).isEqualTo(2);
      assertThat(receipt.bytesOut()).isZero();
      assertThat(receipt.instantiation()).isPositive();
      assertThat(receipt.execution()).isPositive();
    }
  }

  @Test
  void aRunLeavesNothingInItsImage() {
    try (var module = engine().compile(guest("prepared"), LIMITS)) {
      var image = image(module, "{}");
      var first = output(run(module, image));
      for (int i = 0; i < 20; i++) { // each fills its memory and sets every global
        assertThat(output(run(module, image))).isEqualTo(first);
      }
    }
  }

  @Test
  void aRunLeavesNothingForARunWithAnotherImageOrWithoutOne() {
    try (var one = start(EngineConfig.of(1)); // so that both use the same memory
        var module = one.compile(guest("prepared"), LIMITS);
        var plain = one.compile(guest("prepared-not-at-all"), LIMITS)) {
      var image = image(module, "\"of the first one\"");
      run(module, image);
      var zeros =
          (InvocationResult.Completed)
              plain.run(invocation("{}", LIMITS, GuestLog.NONE, new Cancellation()));
      assertThat(zeros.output().bytes()).containsOnly(0);

      var alone = output(run(module, image(module, "2")));
      run(module, image);
      assertThat(output(run(module, image(module, "2")))).isEqualTo(alone);
    }
  }

  @Test
  void anImageOutlivesTheModuleThatItWasMadeFrom() {
    PreparedImage image;
    try (var module = engine().compile(guest("prepared"), LIMITS)) {
      image = image(module, "{}");
    }
    try (var again = engine().compile(guest("prepared"), LIMITS)) {
      assertThat(output(run(again, image))).isEqualTo(output(run(again, image(again, "{}"))));
    }
  }

  @Test
  void anImageOfAnotherModuleIsRefused() {
    try (var module = engine().compile(guest("prepared"), LIMITS);
        var other = engine().compile(guest("prepare-ends"), LIMITS);
        var without = engine().compile(guest("echo"), LIMITS)) {
      var image = image(module, "{}");
      assertThatThrownBy(() -> run(other, image))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cannot be used for module " + other.digest());
      assertThatThrownBy(() -> run(without, image)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void anImageThatWouldBeTooLargeIsNotMade() {
    try (var module = engine().compile(guest("prepare-ends"), LIMITS)) {
      var wanted = preparation("f", LIMITS);
      var small =
          new Preparation(
              wanted.handler(),
              wanted.configuration(),
              wanted.limits(),
              wanted.cancellation(),
              wanted.log(),
              wanted.access(),
              wanted.permit(),
              100_000);
      assertThat(module.imageMaker().orElseThrow().prepare(small))
          .isInstanceOfSatisfying(
              TooLarge.class, large -> assertThat(large.bytes()).isBetween(100_001L, 110_000L));
      assertThat(image(module, "f").bytes()).isBetween(4L * PAGE, 4L * PAGE + 1000);
    }
  }

  @Test
  void anImageWithMoreMemoryThanARunMayHaveExceedsItsLimit() {
    try (var module = engine().compile(guest("prepare-ends"), LIMITS)) {
      var image = image(module, "f");
      var invocation =
          invocation("{}", LIMITS.withMemoryBytes(4 * PAGE), GuestLog.NONE, new Cancellation())
              .withImage(image);
      assertThat(module.run(invocation))
          .isInstanceOfSatisfying(
              LimitExceeded.class,
              exceeded -> {
                assertThat(exceeded.limit()).isEqualTo(LimitKind.MEMORY);
                assertThat(exceeded.allowed()).isEqualTo(4 * PAGE);
                assertThat(exceeded.used()).isEqualTo(5 * PAGE);
              });
    }
  }

  @Test
  void aPreparationThatIsCancelledBeforeItStartsRunsNothing() {
    try (var module = engine().compile(guest("prepared"), LIMITS)) {
      var preparation = preparation("{}", LIMITS);
      preparation.cancellation().request("too late");
      assertThat(module.imageMaker().orElseThrow().prepare(preparation))
          .isInstanceOfSatisfying(
              Failed.class,
              failed -> {
                assertThat(failed.result()).isInstanceOf(Cancelled.class);
                assertThat(failed.receipt().hostCalls()).isEmpty();
              });
    }
  }

  @Test
  void instructionsOfPrepareLeaveThoseOfTheRun() {
    var limits = LIMITS.with(LimitKind.FUEL, 1_000_000);
    var counting =
        Wat.toWasm(
            """
            (module %s (memory (export "memory") 1)
              (func $count
                (local $i i32)
                (loop $more
                  (br_if $more
                    (i32.lt_u
                      (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                      (i32.const 90000)))))
              (func (export "prepare") (call $count))
              (func (export "run") (result i32)
                (call $count)
                (call $write_output (i32.const 0) (i32.const 4))))
            """
                .formatted(WRITE_OUTPUT));
    try (var metered = start(EngineConfig.of(1).withFuel(true));
        var module = metered.compile(counting, limits)) {
      var invocation = invocation("{}", limits, GuestLog.NONE, new Cancellation());
      assertThat(output(module.run(invocation)).remaining()).isEqualTo(4);
      var prepared =
          (Prepared) module.imageMaker().orElseThrow().prepare(preparation("{}", limits));
      assertThat(output(module.run(invocation.withImage(prepared.image()))).remaining())
          .isEqualTo(4);
      assertThat(module.run(invocation.withLimits(limits.with(LimitKind.FUEL, 100_000))))
          .isInstanceOfSatisfying(
              LimitExceeded.class, it -> assertThat(it.limit()).isEqualTo(LimitKind.FUEL));
    }
  }

  @Test
  void growthThatWasRefusedInPrepareExplainsAFailureOfTheRun() {
    var refused =
        Wat.toWasm(
            """
            (module (memory (export "memory") 1)
              (func (export "prepare") (drop (memory.grow (i32.const 500))))
              (func (export "run") unreachable))
            """);
    try (var module = engine().compile(refused, LIMITS)) {
      assertThat(runs(module, "{}", "{}", 1))
          .hasSize(2)
          .allSatisfy(
              result ->
                  assertThat(result)
                      .isInstanceOfSatisfying(
                          LimitExceeded.class,
                          it -> assertThat(it.limit()).isEqualTo(LimitKind.MEMORY)));
    }
  }

  @Test
  void wherePrepareIsAFunctionOfTheHostNothingChanges() {
    var reexporting =
        Wat.toWasm(
            """
            (module %s %s
              (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
              (memory (export "memory") 1)
              (export "prepare" (func $yield))
              (func (export "run") (result i32) (call $write_output (i32.const 0) (i32.const 4))))
            """
                .formatted(READ_INPUT, WRITE_OUTPUT));
    try (var module = engine().compile(reexporting, LIMITS)) {
      assertThat(runs(module, "{}", "{}", 1))
          .allSatisfy(
              result ->
                  assertThat(output(result).order(ByteOrder.LITTLE_ENDIAN).getInt(0)).isZero());
    }
  }

  private static PreparedImage image(CompiledModule module, String configuration) {
    return ((Prepared)
            module.imageMaker().orElseThrow().prepare(preparation(configuration, LIMITS)))
        .image();
  }

  private static InvocationResult run(CompiledModule module, PreparedImage image) {
    return module.run(invocation("{}", LIMITS, GuestLog.NONE, new Cancellation()).withImage(image));
  }
}
