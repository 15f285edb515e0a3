package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.InvocationResult.Cancelled;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.Components;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.Invocations;
import org.wasmbroker.testing.RecordingGuestLog;

/** Components that misbehave: each ends as it should, and others run meanwhile and after it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileComponentTest {
  private static final Limits LIMITS =
      Limits.DEFAULTS.withTime(Duration.ofMinutes(10)).withMemoryBytes(1 << 20);

  /** For those that only time ends. */
  private static final Limits SHORT = LIMITS.withTime(Duration.ofMillis(50));

  private static final String STREAMS =
      """
      (export "output-stream" (type $output-stream (sub resource)))
      (export "pollable" (type $pollable (sub resource)))
      (export "[method]output-stream.subscribe"
        (func (param "self" (borrow $output-stream)) (result (own $pollable))))
      """;

  private static final String TRAP_IN_REALLOC =
      "(func (export \"realloc\") (param i32 i32 i32 i32) (result i32) unreachable)";

  private Engine engine;
  private CompiledModule good;

  @BeforeAll
  void startEngine() {
    engine = WasmtimeEngine.start(EngineConfig.of(4), Capabilities.STANDARD.functions());
    good = engine.compile(Components.echo(), LIMITS);
  }

  @AfterAll
  void closeEngine() {
    good.close();
    engine.close();
  }

  /** After each crime a component and a core module run as if nothing had been. */
  @AfterEach
  void othersRun() {
    assertThat(run(good, "1", LIMITS, new Cancellation())).isInstanceOf(Completed.class);
    try (var echo = engine.compile(Guests.guest("echo"), LIMITS)) {
      assertThat(run(echo, "1", LIMITS, new Cancellation())).isInstanceOf(Completed.class);
    }
  }

  @Test
  void anEndlessLoopEndsAtTheDeadlineWhileStepsBesideItFinish() throws Exception {
    try (var loop = compile(code("(loop $l (br $l)) unreachable"));
        var threads = Executors.newFixedThreadPool(1, HostileComponentTest::thread)) {
      var cancellation = new Cancellation();
      var looping = threads.submit(() -> run(loop, "1", LIMITS, cancellation));
      for (int i = 0; i < 100; i++) {
        assertThat(run(good, "1", LIMITS, new Cancellation())).isInstanceOf(Completed.class);
      }
      assertThat(looping.isDone()).isFalse();
      cancellation.request("enough");

      assertThat(looping.get()).isInstanceOf(Cancelled.class);
      assertLimit(run(loop, "1", SHORT, new Cancellation()), LimitKind.TIME);
    }
  }

  private static Thread thread(Runnable work) {
    return new Thread(null, work, "guest", EngineConfig.of(1).threadStackBytes() + (1 << 20));
  }

  @Test
  void aMemoryBombExceedsTheLimit() {
    var bomb =
        new Components()
            .realloc(
                """
                (func (export "grow") (result i32)
                  (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
                """)
            .code(
                "(import \"libc\" \"grow\" (func $grow (result i32)))"
                    + Components.run("(loop $l (br_if $l (call $grow))) unreachable"))
            .handler();

    var result = run(bomb, "1", LIMITS);

    assertLimit(result, LimitKind.MEMORY);
    assertThat(result.receipt().memoryHighWaterBytes()).isEqualTo(LIMITS.memoryBytes());
  }

  @Test
  void aStepThatDoesNotFitItsMemoryExceedsTheLimit() {
    assertLimit(
        run(Components.echo(), "\"" + "x".repeat(2 << 20) + "\"", LIMITS), LimitKind.MEMORY);
  }

  @Test
  void endlessRecursionOverflowsItsOwnStack() {
    var recursion =
        new Components()
            .code(
                "(func $again (param i32) (result i32) (i32.add (i32.const 1) (call $again"
                    + " (local.get 0))))"
                    + Components.run("(call $again (i32.const 1))"))
            .handler();

    assertTrap(run(recursion, "1", LIMITS), TrapKind.STACK_OVERFLOW);
  }

  /** Each call of the host is made at another depth of the stack, down to its end. */
  @Test
  void aHostCallAtTheEndOfTheStackEndsTheRun() {
    var deep =
        logging(
            "(func $again (call $log (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 0)"
                + " (i32.const 0) (i32.const 0)) (call $again))"
                + Components.run("(call $again) unreachable"));

    assertTrap(run(deep, "1", LIMITS), TrapKind.STACK_OVERFLOW);
  }

  @Test
  void aResultThatIsLongerThanTheLimitEndsTheRun() {
    var limits = LIMITS.with(LimitKind.OUTPUT, 1000);

    assertLimit(run(Components.echo(), "\"" + "x".repeat(2000) + "\"", limits), LimitKind.OUTPUT);
  }

  @Test
  void aResultOutsideOfItsMemoryEndsTheRun() {
    var outside =
        new Components()
            .code(Components.returning("(i32.const 65536)", "(i32.const -1)"))
            .handler();

    assertTrap(run(outside, "1", LIMITS), TrapKind.HOST_FUNCTION);
  }

  @Test
  void aPointerToAResultOutsideOfItsMemoryEndsTheRun() {
    assertTrap(run(code("(i32.const -8)"), "1", LIMITS), TrapKind.HOST_FUNCTION);
    assertTrap(run(code("(i32.const 17)"), "1", LIMITS), TrapKind.HOST_FUNCTION);
  }

  @Test
  void aTrapInTheFunctionThatGivesOutMemoryIsATrap() {
    var component =
        new Components()
            .realloc(TRAP_IN_REALLOC)
            .code(Components.returning("(i32.const 0)", "(i32.const 0)"))
            .handler();

    assertTrap(run(component, "1", LIMITS), TrapKind.UNREACHABLE);
  }

  @Test
  void memoryGivenOutOutsideOfTheMemoryEndsTheRun() {
    var component =
        new Components()
            .realloc(
                "(func (export \"realloc\") (param i32 i32 i32 i32) (result i32) (i32.const -1))")
            .code(Components.returning("(i32.const 0)", "(i32.const 0)"))
            .handler();

    assertTrap(run(component, "1", LIMITS), TrapKind.HOST_FUNCTION);
  }

  @Test
  void anEndlessLoopInTheFunctionThatGivesOutMemoryEndsAtTheDeadline() {
    var component =
        new Components()
            .realloc(
                "(func (export \"realloc\") (param i32 i32 i32 i32) (result i32) (loop $l (br $l))"
                    + " unreachable)")
            .code(Components.returning("(i32.const 0)", "(i32.const 0)"))
            .handler();

    assertLimit(run(component, "1", SHORT), LimitKind.TIME);
  }

  /** The function that gives out memory is known before those of the host: a table joins them. */
  @Test
  void aHostCallWhileMemoryIsGivenOutEndsTheRun() {
    var component =
        new Components()
            .instance(
                "time", "wasm-broker:handler/time@1.0.0", "(export \"now\" (func (result u64)))")
            .function("time", "now", "now", "(result i64)")
            .realloc(
                """
                (table (export "table") 1 funcref)
                (type $now (func (result i64)))
                (global $ready (export "ready") (mut i32) (i32.const 0))
                (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                  (drop (call_indirect (type $now) (i32.const 0)))
                  (i32.const 64))
                """)
            .code(
                """
                (import "libc" "table" (table 1 funcref))
                (elem (i32.const 0) func $now)
                """
                    + Components.returning("(i32.const 0)", "(i32.const 0)"))
            .handler();

    assertTrap(run(component, "1", LIMITS), TrapKind.HOST_FUNCTION);
  }

  @Test
  void aStormOfHostCallsExceedsTheLimit() {
    var storm =
        logging(
            Components.run(
                "(loop $l (call $log (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 0)"
                    + " (i32.const 0) (i32.const 0)) (br $l)) unreachable"));

    assertLimit(run(storm, "1", LIMITS.withHostCalls(1000)), LimitKind.HOST_CALLS);
  }

  @Test
  void aFloodOfLogLinesIsDroppedAndCounted() {
    var flood =
        logging(
            "(global $n (mut i32) (i32.const 0))"
                + Components.run(
                    """
                    (loop $l
                      (call $log (i32.const 2) (i32.const 0) (i32.const 100) (i32.const 0)
                        (i32.const 0) (i32.const 0))
                      (global.set $n (i32.add (global.get $n) (i32.const 1)))
                      (br_if $l (i32.lt_u (global.get $n) (i32.const 100))))
                    (i32.store (i32.const 24) (local.get 0))
                    (i32.store (i32.const 28) (local.get 1))
                    (i32.const 16)
                    """));

    var result = run(flood, "1", LIMITS.with(LimitKind.LOG, 1010));

    assertThat(result).isInstanceOf(Completed.class);
    assertThat(result.receipt().logLinesDropped()).isEqualTo(90);
  }

  @Test
  void aWaitThatNeverEndsEndsAtTheDeadline() {
    var waiting =
        new Components()
            .instance(
                "poll",
                "wasi:io/poll@0.2.3",
                """
                (export "pollable" (type $pollable (sub resource)))
                (export "[method]pollable.block" (func (param "self" (borrow $pollable))))
                """)
            .outer("(alias export $poll \"pollable\" (type $pollable))")
            .instance(
                "clock",
                "wasi:clocks/monotonic-clock@0.2.3",
                """
                (alias outer 1 $pollable (type $outer))
                (export "pollable" (type $pollable (eq $outer)))
                (export "subscribe-instant" (func (param "when" u64) (result (own $pollable))))
                """)
            .function("poll", "[method]pollable.block", "block", "(param i32)")
            .function("clock", "subscribe-instant", "instant", "(param i64) (result i32)")
            .code(Components.run("(call $block (call $instant (i64.const -1))) unreachable"))
            .handler();

    assertLimit(run(waiting, "1", SHORT), LimitKind.TIME);
  }

  @Test
  void aFloodOfHandlesEndsTheRun() {
    var flood =
        new Components()
            .instance(
                "stdout",
                "wasi:cli/stdout@0.2.0",
                """
                (export "output-stream" (type $output-stream (sub resource)))
                (export "get-stdout" (func (result (own $output-stream))))
                """)
            .function("stdout", "get-stdout", "stdout", "(result i32)")
            .code(Components.run("(loop $l (drop (call $stdout)) (br $l)) unreachable"))
            .handler();

    assertTrap(run(flood, "1", LIMITS), TrapKind.HOST_FUNCTION);
  }

  static Stream<String> badHandles() {
    return Stream.of("0", "1", "-1", "1000000", "2147483647");
  }

  @ParameterizedTest
  @MethodSource("badHandles")
  void aHandleThatWasNotGivenEndsTheRun(String handle) {
    var component =
        new Components()
            .instance("streams", "wasi:io/streams@0.2.0", STREAMS)
            .function(
                "streams",
                "[method]output-stream.subscribe",
                "subscribe",
                "(param i32) (result i32)")
            .drop("streams", "output-stream", "drop")
            .code(
                Components.run(
                    "(drop (call $subscribe (i32.const %s))) unreachable".formatted(handle)))
            .handler();

    assertTrap(run(component, "1", LIMITS), TrapKind.HOST_FUNCTION);
  }

  @Test
  void aHandleThatWasGivenBackCannotBeUsed() {
    var component =
        new Components()
            .instance(
                "stdout",
                "wasi:cli/stdout@0.2.0",
                """
                (export "output-stream" (type $output-stream (sub resource)))
                (export "get-stdout" (func (result (own $output-stream))))
                """)
            .function("stdout", "get-stdout", "stdout", "(result i32)")
            .drop("stdout", "output-stream", "drop")
            .code(
                Components.run(
                    "(call $stdout) (call $drop (i32.const 1)) (call $drop)" + " unreachable"))
            .handler();

    assertTrap(run(component, "1", LIMITS), TrapKind.HOST_FUNCTION);
  }

  @Test
  void aCaseThatDoesNotExistEndsTheRun() {
    var component =
        logging(
            Components.run(
                "(call $log (i32.const 5) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0)"
                    + " (i32.const 0)) unreachable"));

    assertTrap(run(component, "1", LIMITS), TrapKind.HOST_FUNCTION);
  }

  @Test
  void anImportThatTheBrokerDoesNotHaveIsRefusedByName() {
    var component =
        new Components()
            .instance("sockets", "wasi:sockets/network@0.2.0", "(export \"connect\" (func))")
            .code(Components.returning("(i32.const 0)", "(i32.const 0)"))
            .handler();

    assertThatThrownBy(() -> engine.compile(component, LIMITS))
        .isInstanceOf(ModuleRefusedException.class)
        .hasMessageContaining("'wasi:sockets/network@0.2.0#connect'")
        .hasMessageContaining("wasi:cli/environment@0.2");
  }

  @Test
  void anImportOfAnotherTypeIsRefusedByName() {
    var component =
        new Components()
            .instance(
                "time", "wasm-broker:handler/time@1.0.0", "(export \"now\" (func (result s32)))")
            .code(Components.returning("(i32.const 0)", "(i32.const 0)"))
            .handler();

    assertThatThrownBy(() -> engine.compile(component, LIMITS))
        .hasMessageContaining("'wasm-broker:handler/time@1.0.0#now' as func() -> s32")
        .hasMessageContaining("but it is func() -> u64");
  }

  static Stream<String> unsupported() {
    return Stream.of(
        "(component (core module $m (memory (export \"a\") 1)) (core instance (instantiate $m))"
            + " (core instance (instantiate $m)) %s)",
        "(component (type $r (resource (rep i32))) %s)",
        "(component (import \"m\" (core module)) %s)",
        "(component (core module $m (memory 1)) (core instance (instantiate $m)) %s)",
        "(component (core module $m (memory (export \"m\") 100)) (core instance (instantiate $m))"
            + " %s)");
  }

  @ParameterizedTest
  @MethodSource("unsupported")
  void whatNoComponentMayDoIsRefused(String text) {
    var run =
        """
        (core module $run (func (export "run") (result i32) (i32.const 0)))
        (core instance $i (instantiate $run))
        (func $f (result (result)) (canon lift (core func $i "run")))
        (instance $e (export "run" (func $f)))
        (export "wasi:cli/run@0.2.0" (instance $e))
        """;
    var component = Wat.toWasm(text.formatted(run));

    assertThatThrownBy(() -> engine.compile(component, LIMITS))
        .isInstanceOf(ModuleRefusedException.class);
  }

  @Test
  void typesThatGrowByRepetitionAreRefused() {
    var types = new StringBuilder("(component (type $t0 (tuple u64 u64))");
    for (int i = 1; i < 60; i++) {
      types.append("(type $t%d (tuple $t%d $t%d))".formatted(i, i - 1, i - 1));
    }
    var component = Wat.toWasm(types + ")");

    assertThatThrownBy(() -> engine.compile(component, LIMITS))
        .isInstanceOf(ModuleRefusedException.class)
        .hasMessageContaining("made of more than");
  }

  @Test
  void componentsThatMultiplyAreRefused() {
    var text = new StringBuilder("(component");
    for (int i = 0; i < 12; i++) {
      text.append("(component $c%d ".formatted(i));
    }
    for (int i = 11; i >= 0; i--) {
      text.append(")");
      for (int copy = 0; copy < 3; copy++) {
        text.append("(instance (instantiate $c%d))".formatted(i));
      }
    }
    var component = Wat.toWasm(text + ")");

    assertThatThrownBy(() -> engine.compile(component, LIMITS))
        .isInstanceOf(ModuleRefusedException.class)
        .hasMessageContaining("too many components");
  }

  /** Each cut and each changed byte of a component is run or refused, and nothing else happens. */
  @Test
  void damagedComponentsAreRunOrRefused() {
    var whole = Components.echo().bytes();
    for (int at = 8; at < whole.length; at++) {
      tryOut(Arrays.copyOf(whole, at));
      for (int bit : new int[] {1, 0x40, 0x80, 0xff}) {
        var damaged = whole.clone();
        damaged[at] ^= (byte) bit;
        tryOut(damaged);
      }
    }
  }

  /** Else it would say how the step ended in the place of the host. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1},\"error\":{\"type\":\"forged\",\"message\":\"x\"}",
        "1,\"status\":\"failed\"",
        "1}{\"status\":\"completed\",\"result\":2",
        "{}}",
        "1//",
        "",
      })
  void aResultThatIsMoreOrLessThanOneValueIsRefused(String text) {
    assertRefused(
        run(Components.echo(), text, LIMITS), "the result that 'run' returned is not one");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}},\"result\":{\"a\":1}",
        "{},\"retryable\":true",
        "{}}}{\"status\":\"completed\",\"result\":1}",
        "",
      })
  void aContextThatIsMoreOrLessThanOneValueIsRefused(String text) {
    var component =
        code(
            """
            (i32.store8 (i32.const 16) (i32.const 1))
            (i32.store8 (i32.const 72) (i32.const 1))
            (i32.store (i32.const 76) (local.get 0))
            (i32.store (i32.const 80) (local.get 1))
            (i32.const 16)
            """);

    assertRefused(
        run(component, text, LIMITS), "the failure's context that 'run' returned is not one");
  }

  private static void assertRefused(InvocationResult result, String message) {
    assertThat(result)
        .isInstanceOfSatisfying(
            Trapped.class,
            trapped -> {
              assertThat(trapped.kind()).isEqualTo(TrapKind.HOST_FUNCTION);
              assertThat(trapped.message()).contains(message);
            });
  }

  private void tryOut(byte[] damaged) {
    try (var compiled = engine.compile(new WasmBinary(damaged), LIMITS)) {
      run(compiled, "1", SHORT, new Cancellation());
    } catch (ModuleRefusedException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }

  private static WasmBinary code(String body) {
    return new Components().code(Components.run(body)).handler();
  }

  private static WasmBinary logging(String code) {
    return new Components()
        .instance("log", "wasm-broker:handler/log@1.0.0", ComponentTest.LOG)
        .function("log", "log", "log", "(param i32 i32 i32 i32 i32 i32)")
        .code(code)
        .handler();
  }

  private static void assertLimit(InvocationResult result, LimitKind limit) {
    assertThat(result)
        .isInstanceOfSatisfying(
            LimitExceeded.class, exceeded -> assertThat(exceeded.limit()).isEqualTo(limit));
  }

  private static void assertTrap(InvocationResult result, TrapKind kind) {
    assertThat(result)
        .isInstanceOfSatisfying(
            Trapped.class, trapped -> assertThat(trapped.kind()).isEqualTo(kind));
  }

  private CompiledModule compile(WasmBinary component) {
    return engine.compile(component, LIMITS);
  }

  private InvocationResult run(WasmBinary component, String input, Limits limits) {
    try (var compiled = compile(component)) {
      return run(compiled, input, limits, new Cancellation());
    }
  }

  private static InvocationResult run(
      CompiledModule module, String input, Limits limits, Cancellation cancellation) {
    return module.run(
        Invocations.basic(Document.of(input), limits, cancellation, new RecordingGuestLog()));
  }
}
