package org.wasmbroker.sandbox.wasmtimejava;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.InvocationResult.Cancelled;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.Invocations;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.WasmModuleBuilder;

/**
 * Behaviour specific to this engine; the rest is covered by the contract that both engines pass.
 */
class WasmtimeJavaSpecificsTest {
  private static final int PAGE = 64 << 10;
  private static final int[] ENDLESS = {0x03, 0x40, 0x0c, 0, 0x0b};

  private static WasmtimeJavaEngine engine;

  @BeforeAll
  static void start() {
    engine = WasmtimeJavaEngine.start(EngineConfig.of(2), Capabilities.STANDARD.functions());
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @Test
  void theExtractedLibraryIsDeletedOnceLoaded() throws IOException {
    try (var maps = Files.lines(Path.of("/proc/self/maps"))) {
      assertThat(maps.filter(line -> line.contains("libwasmtime_jni_")))
          .isNotEmpty()
          .allMatch(line -> line.endsWith("(deleted)"));
    }
  }

  @Test
  void aRunWithLowerLimitsIsHeldToThem() {
    // Returns the old size, or -1 if growing by 3 pages is refused.
    var module = reactor("->i", 0x41, 3, 0x40, 0);
    try (var compiled = engine.compile(module.toWasm(), Limits.DEFAULTS)) {
      assertThat(code(compiled.run(invocation(Limits.DEFAULTS)))).isEqualTo(1);
      assertThat(compiled.run(invocation(Limits.DEFAULTS.withMemoryBytes(3 * PAGE))))
          .isInstanceOfSatisfying(
              LimitExceeded.class, it -> assertThat(it.used()).isEqualTo(4 * PAGE));
      assertThat(code(compiled.run(invocation(Limits.DEFAULTS.withMemoryBytes(4 * PAGE)))))
          .isEqualTo(1);
    }
  }

  @Test
  void aModuleThatStartsAboveTheLimitOfARunExceedsIt() {
    var module =
        new WasmModuleBuilder().memory(3).export("memory", WasmModuleBuilder.MEMORY, 0).run("->");
    try (var compiled = engine.compile(module.toWasm(), Limits.DEFAULTS)) {
      var result = compiled.run(invocation(Limits.DEFAULTS.withMemoryBytes(2 * PAGE)));
      assertThat(result)
          .isInstanceOfSatisfying(
              LimitExceeded.class,
              exceeded -> {
                assertThat(exceeded.limit()).isEqualTo(LimitKind.MEMORY);
                assertThat(exceeded.used()).isEqualTo(3 * PAGE);
              });
    }
  }

  @Test
  void hostCallsEndAtTheLibrarysMaximum() {
    var chatter =
        new WasmModuleBuilder()
            .importFunction("wasm_broker_v1", "get_time", "i->I")
            .memory(1)
            .export("memory", WasmModuleBuilder.MEMORY, 0)
            .function("->", 0x03, 0x40, 0x41, 0, 0x10, 0, 0x1a, 0x0c, 0, 0x0b)
            .export("run", WasmModuleBuilder.FUNCTION, 1);
    assertThat(run(chatter, Limits.DEFAULTS))
        .isInstanceOfSatisfying(
            LimitExceeded.class,
            it -> {
              assertThat(it.limit()).isEqualTo(LimitKind.HOST_CALLS);
              assertThat(it.allowed()).isEqualTo(WasmtimeJavaEngine.maximum(LimitKind.HOST_CALLS));
            });
  }

  @Test
  void limitsTheEngineCannotEnforceAreRefused() {
    assertThatThrownBy(() -> run(WasmModuleBuilder.reactor(), Limits.DEFAULTS, 100_001, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("engine wasmtime-java can enforce limits.host-calls up to 100000, not 100001");
    assertThatThrownBy(() -> run(WasmModuleBuilder.reactor(), Limits.DEFAULTS, 1, 1))
        .hasMessage("engine wasmtime-java can enforce limits.fuel up to 0, not 1");
    assertThatThrownBy(
            () ->
                WasmtimeJavaEngine.start(
                    EngineConfig.of(1).withFuel(true), Capabilities.STANDARD.functions()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("engine.fuel must be false");
  }

  private static void run(WasmModuleBuilder module, Limits limits, long hostCalls, long fuel) {
    var requested = limits.withHostCalls(hostCalls).with(LimitKind.FUEL, fuel);
    engine.compile(module.toWasm(), requested).close();
  }

  @Test
  void aTrapInTheStartFunctionIsReportedWithItsKind() {
    var module = WasmModuleBuilder.reactor().function("->", 0x00).start(1);
    assertThat(kind(run(module, Limits.DEFAULTS))).isEqualTo(TrapKind.UNREACHABLE);
  }

  @Test
  void anEndlessStartFunctionStopsAtItsDeadline() {
    var module = WasmModuleBuilder.reactor().function("->", ENDLESS).start(1);
    assertThat(run(module, Limits.DEFAULTS.withTime(Duration.ofMillis(30))))
        .isInstanceOfSatisfying(
            LimitExceeded.class, it -> assertThat(it.limit()).isEqualTo(LimitKind.TIME));
  }

  @Test
  void aDataSegmentOutsideTheMemoryTrapsAtInstantiation() {
    var module = WasmModuleBuilder.reactor().raw(11, 1, 0, 0x41, 0xff, 0xff, 0x3f, 0x0b, 1, 7);
    assertThat(kind(run(module, Limits.DEFAULTS))).isEqualTo(TrapKind.MEMORY_OUT_OF_BOUNDS);
  }

  @Test
  void anElementSegmentOutsideTheTableTrapsAtInstantiation() {
    var module = WasmModuleBuilder.reactor().table(1).raw(9, 1, 0, 0x41, 5, 0x0b, 1, 0);
    assertThat(kind(run(module, Limits.DEFAULTS))).isEqualTo(TrapKind.TABLE_OUT_OF_BOUNDS);
  }

  @Test
  void oneOfTwoGuestsIsCancelledIndependently() {
    try (var endless = engine.compile(reactor("->", ENDLESS).toWasm(), Limits.DEFAULTS)) {
      var limits = Limits.DEFAULTS.withTime(Duration.ofMinutes(10));
      var cancelled = new Cancellation();
      var other = new Cancellation();
      var first = async(endless, limits, cancelled);
      var second = async(endless, limits, other);

      cancelled.request("the lease is lost");

      assertThat(first.join())
          .isInstanceOfSatisfying(
              Cancelled.class, it -> assertThat(it.reason()).isEqualTo("the lease is lost"));
      assertThat(second).isNotDone();
      other.request("enough");
      assertThat(second.join()).isInstanceOf(Cancelled.class);
    }
  }

  @Test
  void aSlotRunsManyModulesInTurn() {
    var document = Document.of("{}".getBytes(UTF_8));
    try (var echo = engine.compile(PrebuiltHandlers.module("echo"), Limits.DEFAULTS);
        var command = engine.compile(PrebuiltHandlers.module("wasi-command"), Limits.DEFAULTS)) {
      for (int i = 0; i < 5; i++) {
        for (var module : new CompiledModule[] {echo, command}) {
          assertThat(
                  module.run(
                      Invocations.basic(
                          document, Limits.DEFAULTS, new Cancellation(), GuestLog.NONE)))
              .isInstanceOf(Completed.class);
        }
      }
    }
  }

  @Test
  void anInvalidModuleIsRefusedAtCompilation() {
    assertThatThrownBy(
            () -> engine.compile(reactor("->", 0x1a).toWasm(), Limits.DEFAULTS)) // drop nothing
        .isInstanceOfSatisfying(
            ModuleRefusedException.class, it -> assertThat(it.reason()).isEqualTo(Reason.INVALID));
  }

  @Test
  void moreMemoryThanTheLibraryCanExposeIsRefused() {
    var config = EngineConfig.of(1);
    var large =
        new EngineConfig(
            1, 2L << 30, config.stackBytes(), config.tick(), config.moduleBytes(), null, null);
    assertThatThrownBy(() -> WasmtimeJavaEngine.start(large, Capabilities.STANDARD.functions()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2147418112");
  }

  private static WasmModuleBuilder reactor(String type, int... instructions) {
    return new WasmModuleBuilder()
        .memory(1)
        .export("memory", WasmModuleBuilder.MEMORY, 0)
        .function(type, instructions)
        .export("run", WasmModuleBuilder.FUNCTION, 0);
  }

  private static InvocationResult run(WasmModuleBuilder module, Limits limits) {
    try (var compiled = engine.compile(module.toWasm(), Limits.DEFAULTS)) {
      return compiled.run(invocation(limits));
    }
  }

  private static Invocation invocation(Limits limits) {
    return Invocations.basic(
        Document.of("{}".getBytes(UTF_8)), limits, new Cancellation(), GuestLog.NONE);
  }

  private static CompletableFuture<InvocationResult> async(
      CompiledModule module, Limits limits, Cancellation cancellation) {
    var invocation =
        Invocations.basic(Document.of("{}".getBytes(UTF_8)), limits, cancellation, GuestLog.NONE);
    return CompletableFuture.supplyAsync(
        () -> module.run(invocation), task -> Thread.ofPlatform().start(task));
  }

  private static int code(InvocationResult result) {
    return ((GuestFailed) result).code();
  }

  private static TrapKind kind(InvocationResult result) {
    return ((Trapped) result).kind();
  }
}
