package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.testing.Components;
import org.wasmbroker.testing.Invocations;
import org.wasmbroker.testing.RecordingGuestLog;

/** Components as handlers and as commands. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ComponentTest {
  private static final Limits LIMITS = Limits.DEFAULTS.withTime(Duration.ofMinutes(10));
  private static final int PAGE = 64 << 10;

  static final String LOG =
      """
      (type $level-type (enum "trace" "debug" "info" "warn" "error"))
      (export "level" (type $level (eq $level-type)))
      (export "log" (func (param "level" $level) (param "message" string)
        (param "fields" (option string))))
      """;

  private Engine engine;

  @BeforeAll
  void startEngine() {
    engine = WasmtimeEngine.start(EngineConfig.of(4), Capabilities.STANDARD.functions());
  }

  @AfterAll
  void closeEngine() {
    engine.close();
  }

  @Test
  void aHandlerGetsTheStepAndReturnsItsResult() {
    var result = run(Components.echo(), "{\"a\":1}");

    assertThat(output(result)).isEqualTo("{\"status\":\"completed\",\"result\":{\"a\":1}}");
    assertThat(result.receipt().memoryHighWaterBytes()).isEqualTo(PAGE);
    assertThat(result.receipt().hostCalls()).isEmpty();
  }

  @Test
  void theHighWaterMarkIsThatOfItsMemory() {
    var result = run(Components.echo(), "\"" + "x".repeat(100_000) + "\"");

    assertThat(result.receipt().memoryHighWaterBytes()).isEqualTo(2 * PAGE);
  }

  @Test
  void aFunctionOfTheWorldIsTheOneOfTheTable() {
    var component =
        new Components()
            .instance("log", "wasm-broker:handler/log@1.0.0", LOG)
            .function("log", "log", "log", "(param i32 i32 i32 i32 i32 i32)")
            .code(
                Components.run(
                    """
                    (call $log (i32.const 3) (local.get 0) (local.get 1) (i32.const 1)
                      (local.get 0) (local.get 1))
                    (call $log (i32.const 2) (local.get 0) (local.get 1) (i32.const 0)
                      (i32.const 0) (i32.const 0))
                    (i32.store (i32.const 24) (local.get 0))
                    (i32.store (i32.const 28) (local.get 1))
                    (i32.const 16)
                    """))
            .handler();
    var log = new RecordingGuestLog();

    var result = run(component, "{\"b\":2}", LIMITS, log);

    assertThat(output(result)).isEqualTo("{\"status\":\"completed\",\"result\":{\"b\":2}}");
    assertThat(log.lines()).containsExactly("WARN {\"b\":2} {\"b\":2}", "INFO {\"b\":2}");
    assertThat(result.receipt().hostCalls()).containsExactly(new HostCallCount("log", 2, 0, 0));
  }

  /** An error of the step, with everything that it can have. */
  @Test
  void aFailureIsTheErrorOfTheStep() {
    var component =
        new Components()
            .code(
                """
                (data (i32.const 1024) "kindtextcode{\\22a\\22:1}")
                """
                    + Components.run(
                        """
                        (i32.store8 (i32.const 16) (i32.const 1))
                        (i32.store (i32.const 24) (i32.const 1024))
                        (i32.store (i32.const 28) (i32.const 4))
                        (i32.store (i32.const 32) (i32.const 1028))
                        (i32.store (i32.const 36) (i32.const 4))
                        (i32.store8 (i32.const 40) (i32.const 1))
                        (i32.store8 (i32.const 44) (i32.const 1))
                        (i32.store (i32.const 48) (i32.const 1032))
                        (i32.store (i32.const 52) (i32.const 4))
                        (i32.store8 (i32.const 56) (i32.const 1))
                        (i64.store (i32.const 64) (i64.const 1500))
                        (i32.store8 (i32.const 72) (i32.const 1))
                        (i32.store (i32.const 76) (i32.const 1036))
                        (i32.store (i32.const 80) (i32.const 7))
                        (i32.const 16)
                        """))
            .handler();

    assertThat(output(run(component, "1")))
        .isEqualTo(
            "{\"status\":\"failed\",\"error\":{\"type\":\"kind\",\"message\":\"text\","
                + "\"retryable\":true,\"code\":\"code\",\"retry_after_ms\":1500,"
                + "\"context\":{\"a\":1}}}");
  }

  /** A command reads its stream and writes it back, and says how it ended. */
  @ParameterizedTest
  @CsvSource({"0, 0.2.0", "1, 0.2.12"})
  void aCommandHasItsStreamsAndItsExitCode(int code, String version) {
    var component = Components.copying(version, code);

    var result = run(component, "{\"the\":\"step\",\"n\":1}");

    if (code == 0) {
      assertThat(output(result)).isEqualTo("{\"the\":\"step\",\"n\":1}");
      assertThat(result.receipt().hostCalls())
          .containsExactly(
              new HostCallCount("fd_read", 4, 0, 0), new HostCallCount("fd_write", 3, 0, 0));
    } else {
      assertThat(result)
          .isInstanceOfSatisfying(
              GuestFailed.class, failed -> assertThat(failed.code()).isEqualTo(1));
    }
  }

  @Test
  void exitEndsARunThatIsInTheMiddle() {
    var component =
        new Components()
            .instance(
                "exit",
                "wasi:cli/exit@0.2.3",
                "(export \"exit\" (func (param \"status\" (result))))")
            .function("exit", "exit", "exit", "(param i32)")
            .code("(func (export \"run\") (result i32) (call $exit (i32.const 1)) unreachable)")
            .command();

    assertThat(run(component, "{}"))
        .isInstanceOfSatisfying(
            GuestFailed.class, failed -> assertThat(failed.code()).isEqualTo(1));
  }

  @Test
  void clocksAndRandomBytesAreThoseOfPreviewOne() {
    var component =
        new Components()
            .instance(
                "wall",
                "wasi:clocks/wall-clock@0.2.3",
                """
                (type $time (record (field "seconds" u64) (field "nanoseconds" u32)))
                (export "datetime" (type $datetime (eq $time)))
                (export "now" (func (result $datetime)))
                """)
            .instance(
                "random",
                "wasi:random/random@0.2.3",
                "(export \"get-random-bytes\" (func (param \"len\" u64) (result (list u8))))")
            .function("wall", "now", "now", "(param i32)")
            .function("random", "get-random-bytes", "bytes", "(param i64 i32)")
            .code(
                Components.run(
                    """
                    (call $now (i32.const 32))
                    (call $bytes (i64.const 20) (i32.const 48))
                    (if (i64.lt_u (i64.load (i32.const 32)) (i64.const 1700000000))
                      (then unreachable))
                    (if (i32.ne (i32.load (i32.const 52)) (i32.const 20)) (then unreachable))
                    (i32.store (i32.const 24) (local.get 0))
                    (i32.store (i32.const 28) (local.get 1))
                    (i32.const 16)
                    """))
            .handler();

    var result = run(component, "{}");

    assertThat(result).isInstanceOf(Completed.class);
    assertThat(result.receipt().hostCalls())
        .containsExactly(
            new HostCallCount("clock_time_get", 1, 0, 0), new HostCallCount("random_get", 1, 0, 0));
  }

  @Test
  void anEndlessLoopEndsAtItsDeadline() {
    var loop = new Components().code(Components.run("(loop $l (br $l)) unreachable")).handler();

    assertThat(run(loop, "{}", LIMITS.withTime(Duration.ofMillis(20)), new RecordingGuestLog()))
        .isInstanceOfSatisfying(
            LimitExceeded.class,
            exceeded -> assertThat(exceeded.limit()).isEqualTo(LimitKind.TIME));
  }

  @Test
  void aTrapIsReportedAsOne() {
    assertThat(run(new Components().code(Components.run("unreachable")).handler(), "{}"))
        .isInstanceOfSatisfying(
            Trapped.class,
            trapped -> {
              assertThat(trapped.kind()).isEqualTo(TrapKind.UNREACHABLE);
              assertThat(trapped.backtrace()).isNotEmpty();
            });
  }

  @Test
  void aComponentThatExportsNothingOfAHandlerIsRefused() {
    var nothing = Wat.toWasm("(component)");

    assertThatThrownBy(() -> engine.compile(nothing, LIMITS))
        .isInstanceOf(ModuleRefusedException.class)
        .hasMessageContaining("neither the function 'run'");
  }

  private InvocationResult run(WasmBinary component, String input) {
    return run(component, input, LIMITS, new RecordingGuestLog());
  }

  private InvocationResult run(
      WasmBinary component, String input, Limits limits, RecordingGuestLog log) {
    try (var compiled = engine.compile(component, limits)) {
      return compiled.run(Invocations.basic(Document.of(input), limits, new Cancellation(), log));
    }
  }

  private static String output(InvocationResult result) {
    assertThat(result).isInstanceOf(Completed.class);
    return ((Completed) result).output().text();
  }
}
