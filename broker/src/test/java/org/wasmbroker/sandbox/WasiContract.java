package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.Invocations;
import org.wasmbroker.testing.RecordingGuestLog;

/**
 * What programs expect of WASI and of their compilers' runtime, on every engine. A guest ends with
 * the exit code 100 plus an error number if a call fails.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class WasiContract {
  private static final Limits LIMITS = Limits.DEFAULTS.withTime(Duration.ofMinutes(10));
  private static final int PAGES = 128;

  /** Ends the guest unless the call returned 0. */
  private static final String CHECK =
      """
      (func $check (param $errno i32)
        (if (local.get $errno)
          (then (call $proc_exit (i32.add (i32.const 100) (local.get $errno))))))
      """;

  /** Writes the ranges in a list at 0 to a descriptor in one call, and checks the count. */
  private static final String WRITE =
      """
      (func $write (param $fd i32) (param $ranges i32) (param $bytes i32)
        (call $check
          (call $fd_write (local.get $fd) (i32.const 0) (local.get $ranges) (i32.const 65000)))
        (if (i32.ne (i32.load (i32.const 65000)) (local.get $bytes))
          (then (call $proc_exit (i32.const 99)))))
      """;

  private Engine engine;

  abstract Engine start(EngineConfig config);

  @BeforeAll
  void startEngine() {
    engine = start(EngineConfig.of(1));
  }

  @AfterAll
  void closeEngine() {
    engine.close();
  }

  @Test
  void aWriteOfAnySizeIsTakenWhole() {
    var result =
        run(
            """
            (memory.fill (i32.const 65536) (i32.const 120) (i32.const 3000000))
            (i32.store (i32.const 0) (i32.const 65536))
            (i32.store (i32.const 4) (i32.const 3000000))
            (call $write (i32.const 1) (i32.const 1) (i32.const 3000000))
            """,
            LIMITS);

    assertThat(output(result)).isEqualTo("x".repeat(3_000_000));
  }

  @Test
  void aWriteOfManyRangesIsTakenWhole() {
    var result =
        run(
            """
            (local $i i32)
            (i64.store (i32.const 65536) (i64.const 0x3736353433323130))
            (loop $more
              (i32.store (i32.mul (local.get $i) (i32.const 8)) (i32.const 65536))
              (i32.store offset=4 (i32.mul (local.get $i) (i32.const 8)) (i32.const 8))
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (br_if $more (i32.lt_u (local.get $i) (i32.const 8000))))
            (call $write (i32.const 1) (i32.const 8000) (i32.const 64000))
            """,
            LIMITS);

    assertThat(output(result)).isEqualTo("01234567".repeat(8000));
  }

  @Test
  void aWriteBeyondTheLimitOnOutputEndsTheRunAndNamesItsSize() {
    var result =
        run(
            """
            (i32.store (i32.const 0) (i32.const 65536))
            (i32.store (i32.const 4) (i32.const 3000000))
            (call $write (i32.const 1) (i32.const 1) (i32.const 3000000))
            """,
            LIMITS.with(LimitKind.OUTPUT, 2_000_000));

    assertThat(result)
        .isInstanceOfSatisfying(
            LimitExceeded.class,
            exceeded -> {
              assertThat(exceeded.limit()).isEqualTo(LimitKind.OUTPUT);
              assertThat(exceeded.used()).isEqualTo(3_000_000);
            });
  }

  @Test
  void aWriteWithARangeOutsideTheMemoryTakesNothing() {
    var result =
        run(
            """
            (i32.store (i32.const 0) (i32.const 65536))
            (i32.store (i32.const 4) (i32.const 5))
            (i32.store (i32.const 8) (i32.const -1))
            (i32.store (i32.const 12) (i32.const 5))
            (call $write (i32.const 1) (i32.const 2) (i32.const 10))
            """,
            LIMITS);

    assertThat(code(result)).isEqualTo(121);
    assertThat(result.receipt().bytesOut()).isZero();
  }

  @Test
  void aWriteOfMoreThanTheResultCanSayIsRefused() {
    assertThat(code(run(ranges(1000, PAGES << 16, 1), LIMITS))).isEqualTo(128);
  }

  @Test
  void aWriteToStderrEndsNoLaterThanTheDeadline() {
    // 500 times 8 MiB, all of them line breaks.
    var result = run(ranges(500, PAGES << 16, 2), LIMITS.withTime(Duration.ofMillis(20)));

    assertThat(result)
        .isInstanceOfSatisfying(
            LimitExceeded.class,
            exceeded -> assertThat(exceeded.limit()).isEqualTo(LimitKind.TIME));
  }

  /** Writes the whole memory so often in one call. */
  private static String ranges(int count, int bytes, int fd) {
    return """
           (local $i i32)
           (memory.fill (i32.const 65536) (i32.const 10) (i32.const %2$d))
           (loop $more
             (i32.store offset=4 (i32.mul (local.get $i) (i32.const 8)) (i32.const %3$d))
             (local.set $i (i32.add (local.get $i) (i32.const 1)))
             (br_if $more (i32.lt_u (local.get $i) (i32.const %1$d))))
           (call $write (i32.const %4$d) (i32.const %1$d) (i32.const 0))
           """
        .formatted(count, bytes - 65_536, bytes, fd);
  }

  @Test
  void aReadTakesAllThatThereIs() {
    var input = "y".repeat(2_000_000);
    var result =
        run(
            """
            (i32.store (i32.const 0) (i32.const 65536))
            (i32.store (i32.const 4) (i32.const 5000000))
            (call $check
              (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 65000)))
            (i32.store (i32.const 4) (i32.load (i32.const 65000)))
            (call $write (i32.const 1) (i32.const 1) (i32.const 2000000))
            """,
            LIMITS,
            input);

    assertThat(output(result)).isEqualTo(input);
  }

  @Test
  void aReadWithARangeOutsideTheMemoryTakesNothing() {
    var result =
        run(
            """
            (i32.store (i32.const 0) (i32.const 65536))
            (i32.store (i32.const 4) (i32.const 2))
            (i32.store (i32.const 8) (i32.const -1))
            (i32.store (i32.const 12) (i32.const 5))
            (if (i32.ne (i32.const 21)
                  (call $fd_read (i32.const 0) (i32.const 0) (i32.const 2) (i32.const 65000)))
              (then (call $proc_exit (i32.const 98))))
            (call $check
              (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 65000)))
            (call $write (i32.const 1) (i32.const 1) (i32.const 2))
            """,
            LIMITS,
            "{}");

    assertThat(output(result)).isEqualTo("{}");
  }

  @Test
  void theProgramsNameIsThatOfTheHandlerAndTheOnlyArgument() {
    var result =
        run(
            """
            (call $check (call $args_sizes_get (i32.const 16) (i32.const 20)))
            (if (i32.ne (i32.load (i32.const 16)) (i32.const 1))
              (then (call $proc_exit (i32.const 98))))
            (call $check (call $args_get (i32.const 24) (i32.const 65536)))
            (i32.store (i32.const 0) (i32.load (i32.const 24)))
            (i32.store (i32.const 4) (i32.load (i32.const 20)))
            (call $write (i32.const 1) (i32.const 1) (i32.load (i32.const 20)))
            """,
            LIMITS);

    assertThat(output(result)).isEqualTo("handler\0");
  }

  @Test
  void randomBytesFillARangeOfAnySize() {
    var result =
        run(
            """
            (call $check (call $random_get (i32.const 65536) (i32.const 8000000)))
            (if (i32.eqz (i32.or (i64.eqz (i64.load (i32.const 65536)))
                                 (i64.eqz (i64.load (i32.const 8065528)))))
              (then (i32.store (i32.const 4) (i32.const 1))))
            (call $write (i32.const 1) (i32.const 1) (i32.load (i32.const 4)))
            """,
            LIMITS);

    assertThat(result).isInstanceOf(Completed.class);
    assertThat(result.receipt().bytesOut()).isEqualTo(1);
  }

  @Test
  void anAbortOfAssemblyScriptEndsTheRunWithItsMessageAndItsPlace() {
    // Its strings are UTF-16, and their length in bytes precedes them.
    var result =
        run(
            """
            (call $abort (i32.const 65540) (i32.const 65604) (i32.const 5) (i32.const 29))
            """,
            LIMITS);

    assertThat(result)
        .isInstanceOfSatisfying(
            Trapped.class,
            trapped -> {
              assertThat(trapped.kind()).isEqualTo(TrapKind.ABORTED);
              assertThat(trapped.message()).isEqualTo("abort: no café in index.ts:5:29");
            });
  }

  @Test
  void anAbortWithPointersOutsideTheMemoryEndsTheRunAllTheSame() {
    for (var pointers : new String[] {"0 0", "3 3", "-1 -4", "65536 65539", "8388608 8388607"}) {
      var each = pointers.split(" ", 2);
      var result =
          run(
              "(call $abort (i32.const %s) (i32.const %s) (i32.const -1) (i32.const 0))"
                  .formatted(each[0], each[1]),
              LIMITS);

      assertThat(result)
          .isInstanceOfSatisfying(
              Trapped.class,
              trapped ->
                  assertThat(trapped.message())
                      .startsWith("abort: ")
                      .endsWith(":4294967295:0")
                      .hasSizeLessThan(5000));
    }
  }

  private InvocationResult run(String start, Limits limits) {
    return run(start, limits, "");
  }

  private InvocationResult run(String start, Limits limits, String input) {
    var wasm =
        Wat.toWasm(
            """
            (module
              (import "wasi_snapshot_preview1" "fd_read"
                (func $fd_read (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write"
                (func $fd_write (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "args_sizes_get"
                (func $args_sizes_get (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "args_get"
                (func $args_get (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "random_get"
                (func $random_get (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
              (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
              (memory (export "memory") %d)
              (data (i32.const 65536) "\\0e\\00\\00\\00n\\00o\\00 \\00c\\00a\\00f\\00\\e9\\00")
              (data (i32.const 65600)
                "\\10\\00\\00\\00i\\00n\\00d\\00e\\00x\\00.\\00t\\00s\\00")
              %s
              %s
              (func (export "_start") %s))
            """
                .formatted(PAGES, CHECK, WRITE, start));
    try (var module = engine.compile(wasm, limits)) {
      return module.run(
          Invocations.basic(
              Document.of(input.getBytes(StandardCharsets.UTF_8)),
              limits,
              new Cancellation(),
              new RecordingGuestLog()));
    }
  }

  private static String output(InvocationResult result) {
    assertThat(result).isInstanceOf(Completed.class);
    return ((Completed) result).output().text();
  }

  private static int code(InvocationResult result) {
    assertThat(result).isInstanceOf(GuestFailed.class);
    return ((GuestFailed) result).code();
  }
}
