package org.wasmbroker.sandbox;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.Components;
import org.wasmbroker.testing.Invocations;
import org.wasmbroker.testing.RecordingGuestLog;

/**
 * Components that no compiler makes: types that pretend to be others, and files that are small but
 * would become large. Each is refused or ends as it should.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ForgedComponentTest {
  private static final Limits LIMITS =
      Limits.DEFAULTS.withTime(Duration.ofMinutes(10)).withMemoryBytes(1 << 20);

  private static final String NOT_A_LABEL = "words of ASCII letters";

  private static final String HANDLER =
      """
      (core module $program
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
        (func (export "run") (param i32 i32) (result i32)
          (i32.store8 (i32.const 16) (i32.const 1))
          (i32.const 16)))
      (core instance $i (instantiate $program))
      (func $run (param "step" string) (result (result string (error $failure)))
        (canon lift (core func $i "run")
          (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
      """;

  private static final String COMMAND =
      """
      (core module $program (func (export "run") (result i32) (i32.const 0)))
      (core instance $i (instantiate $program))
      (func $run (result (result)) (canon lift (core func $i "run")))
      (instance $command (export "run" (func $run)))
      (export "wasi:cli/run@0.2.0" (instance $command))
      """;

  private Engine engine;

  @BeforeAll
  void startEngine() {
    engine = WasmtimeEngine.start(EngineConfig.of(2), Capabilities.STANDARD.functions());
  }

  @AfterAll
  void closeEngine() {
    engine.close();
  }

  /** Types are compared as text, in which a name must not be able to write other types. */
  static Stream<String> namesThatSpellTypes() {
    return Stream.of(
        "(type $failure (record (field \"type: string, message: string, retryable: bool, code:"
            + " option<string>, retry-after-ms: option<u64>, context\" (option string)))) "
            + HANDLER
            + "(export \"run\" (func $run))",
        """
        (import "wasm-broker:handler/log@1.0.0" (instance
          (type $level-type (enum "trace, debug, info, warn, error"))
          (export "level" (type $level (eq $level-type)))
          (export "log" (func (param "level" $level) (param "message" string)
            (param "fields" (option string))))))
        """
            + COMMAND,
        """
        (import "wasi:clocks/wall-clock@0.2.0" (instance
          (type $time (record (field "seconds: u64, nanoseconds" u32)))
          (export "datetime" (type $datetime (eq $time)))
          (export "now" (func (result $datetime)))))
        """
            + COMMAND,
        """
        (import "wasi:io/streams@0.2.0" (instance
          (export "output-stream>, borrow<input-stream" (type $two (sub resource)))
          (type $error (variant (case "last-operation-failed(own<error>)") (case "closed")))
          (export "stream-error" (type $stream-error (eq $error)))
          (export "[method]output-stream.splice" (func (param "self" (borrow $two))
            (param "len" u64) (result (result u64 (error $stream-error)))))))
        """
            + COMMAND);
  }

  @ParameterizedTest
  @MethodSource("namesThatSpellTypes")
  void aNameThatSpellsAnotherTypeIsRefused(String text) {
    assertRefused("(component " + text + ")", NOT_A_LABEL);
  }

  @Test
  void aLongLabelIsRefused() {
    assertRefused("(component (type (flags \"%s\")))".formatted("x".repeat(101)), NOT_A_LABEL);
  }

  @Test
  void typesThatAreNestedDeepAreRefused() {
    for (var nest : new String[] {"(tuple $t%d)", "(option $t%d)", "(list $t%d)"}) {
      var types = new StringBuilder("(type $t0 (tuple u8))");
      for (int i = 1; i < 4000; i++) {
        types.append("(type $t%d %s)".formatted(i, nest.formatted(i - 1)));
      }
      assertRefused("(component " + types + ")", "nested deeper than 50");
    }
  }

  @Test
  void importsThatMultiplyAreRefused() {
    var type =
        times(1000, "(export \"f%d\" (func (type 0)))", "(type $t (instance (type (func))", "))");
    var imports = times(1000, "(import \"i%d\" (instance (type $t)))", "", "");

    assertRefused("(component " + type + imports + ")", "definitions");
  }

  @Test
  void exportsThatMultiplyAreRefused() {
    var instance = times(1000, "(export \"f%d\" (func $run))", "(instance $all ", ")");
    var exports = times(1000, "(export \"e%d\" (instance $all))", "", "");

    assertRefused("(component " + COMMAND + instance + exports + ")", "definitions");
  }

  @Test
  void aComponentThatIsReadAgainAndAgainIsRefused() {
    var labels = times(1000, "\"" + "x".repeat(90) + "%d\" ", "(type (enum ", "))");
    var copies = "(instance (instantiate $large))".repeat(20);

    assertRefused(
        "(component (component $large " + labels + labels + ")" + copies + ")", "too often");
  }

  @Test
  void aFloodOfCanonicalFunctionsIsRefused() {
    var text =
        "(component (import \"r\" (type $r (sub resource))) "
            + "(core func (canon resource.drop $r))".repeat(2001)
            + ")";

    assertRefused(text, "canonical functions");
  }

  /** The engine keeps a record of each in every run. */
  @Test
  void manyInstancesOfAModuleWithManyGlobalsAreRefused() {
    var component =
        new Components()
            .outer(
                "(core module $m "
                    + "(global i32 (i32.const 0))".repeat(4000)
                    + ") "
                    + "(core instance (instantiate $m))".repeat(30))
            .code(Components.returning("(local.get 0)", "(local.get 1)"))
            .handler();

    assertThatThrownBy(() -> engine.compile(component, LIMITS))
        .isInstanceOf(ModuleRefusedException.class)
        .hasMessageContaining("functions and globals in its core instances");
  }

  /** The trap of the inner call is freed before the outer one ends. */
  @Test
  void aTrapWhileTheHostGivesAResultIsReportedAsItself() {
    var component =
        new Components()
            .instance(
                "random",
                "wasi:random/random@0.2.3",
                "(export \"get-random-bytes\" (func (param \"len\" u64) (result (list u8))))")
            .function("random", "get-random-bytes", "bytes", "(param i64 i32)")
            .realloc(
                """
                (global $calls (mut i32) (i32.const 0))
                (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                  (if (global.get $calls) (then (unreachable)))
                  (global.set $calls (i32.const 1))
                  (i32.const 4096))
                """)
            .code(Components.run("(call $bytes (i64.const 8) (i32.const 48)) (i32.const 16)"))
            .handler();

    try (var compiled = engine.compile(component, LIMITS)) {
      for (int i = 0; i < 100; i++) {
        assertThat(run(compiled))
            .isInstanceOfSatisfying(
                Trapped.class,
                trapped -> assertThat(trapped.kind()).isEqualTo(TrapKind.UNREACHABLE));
      }
    }
    assertOthersRun();
  }

  @Test
  void aMemoryBombInAStartFunctionExceedsTheLimit() {
    var component =
        new Components()
            .realloc(
                """
                (func (export "grow") (result i32)
                  (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
                """)
            .code(
                """
                (import "libc" "grow" (func $grow (result i32)))
                (func $start (loop $l (br_if $l (call $grow))) unreachable)
                (start $start)
                """
                    + Components.returning("(i32.const 0)", "(i32.const 0)"))
            .handler();

    try (var compiled = engine.compile(component, LIMITS)) {
      var result = run(compiled);

      assertThat(result)
          .isInstanceOfSatisfying(
              LimitExceeded.class,
              exceeded -> assertThat(exceeded.limit()).isEqualTo(LimitKind.MEMORY));
      assertThat(result.receipt().memoryHighWaterBytes()).isEqualTo(LIMITS.memoryBytes());
    }
    assertOthersRun();
  }

  /** The length of a string is an unsigned number of 32 bits. */
  @Test
  void aStringOfMoreThanTwoGibibytesIsRefusedLikeEveryLongOne() {
    var limits = LIMITS.withMemoryBytes(3L << 30);
    var component =
        new Components()
            .memory("32769")
            .instance(
                "secrets",
                "wasm-broker:handler/secrets@1.0.0",
                """
                (type $code (enum "invalid" "too-large" "state" "denied" "not-found" "rate-limited"
                  "timeout" "io" "budget"))
                (export "error-code" (type $error-code (eq $code)))
                (export "read"
                  (func (param "name" string) (result (result string (error $error-code)))))
                """)
            .function("secrets", "read", "read", "(param i32 i32 i32)")
            .code(
                Components.run(
                    """
                    (call $read (i32.const 0) (i32.const 0x80000001) (i32.const 48))
                    (if (i32.ne (i32.load8_u (i32.const 48)) (i32.const 1)) (then unreachable))
                    (i32.store (i32.const 24) (local.get 0))
                    (i32.store (i32.const 28) (local.get 1))
                    (i32.const 16)
                    """))
            .handler();

    var usual = EngineConfig.of(1);
    var config =
        new EngineConfig(
            1,
            limits.memoryBytes(),
            usual.stackBytes(),
            usual.tick(),
            usual.moduleBytes(),
            null,
            null);
    try (var large = WasmtimeEngine.start(config, Capabilities.STANDARD.functions());
        var compiled = large.compile(component, limits)) {
      assertThat(run(compiled, limits)).isInstanceOf(Completed.class);
    }
  }

  /** Core modules are linked by kind and by types of functions; the engine checks the rest. */
  static Stream<String> exportsAndImportsThatDoNotFit() {
    return Stream.of(
        "(global (export \"x\") i64 (i64.const 7)) | (import \"a\" \"x\" (global i32))",
        "(global (export \"x\") i32 (i32.const 7)) | (import \"a\" \"x\" (global (mut i32)))",
        "(table (export \"x\") 1 1 funcref) | (import \"a\" \"x\" (table 10 funcref))",
        "(memory (export \"x\") 1) | (import \"a\" \"x\" (memory 2))");
  }

  @ParameterizedTest
  @MethodSource("exportsAndImportsThatDoNotFit")
  void coreModulesThatDoNotFitEachOtherDoNotRun(String exportAndImport) {
    var parts = exportAndImport.split("\\|", 2);
    var text =
        """
        (component
          (core module $a %s)
          (core instance $ai (instantiate $a))
          (core module $program %s (func (export "run") (result i32) (i32.const 0)))
          (core instance $i (instantiate $program (with "a" (instance $ai))))
          (func $run (result (result)) (canon lift (core func $i "run")))
          (instance $command (export "run" (func $run)))
          (export "wasi:cli/run@0.2.0" (instance $command)))
        """
            .formatted(parts[0], parts[1]);

    try (var compiled = engine.compile(Wat.toWasm(text), LIMITS)) {
      assertThat(run(compiled)).isInstanceOf(Trapped.class);
    }
    assertOthersRun();
  }

  private static String times(int count, String format, String before, String after) {
    return IntStream.range(0, count)
        .mapToObj(format::formatted)
        .collect(joining("", before, after));
  }

  private void assertRefused(String text, String reason) {
    var component = Wat.toWasm(text);

    assertThatThrownBy(() -> engine.compile(component, LIMITS))
        .isInstanceOf(ModuleRefusedException.class)
        .hasMessageContaining(reason);
    assertOthersRun();
  }

  private void assertOthersRun() {
    try (var echo = engine.compile(Components.echo(), LIMITS)) {
      assertThat(run(echo)).isInstanceOf(Completed.class);
    }
  }

  private static InvocationResult run(CompiledModule module) {
    return run(module, LIMITS);
  }

  private static InvocationResult run(CompiledModule module, Limits limits) {
    return module.run(
        Invocations.basic(Document.of("1"), limits, new Cancellation(), new RecordingGuestLog()));
  }
}
