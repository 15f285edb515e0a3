package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.InvocationResult.Cancelled;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.sandbox.binary.ModuleContent;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.Invocations;

/**
 * The result of host calls with all kinds of arguments, on every engine. The guest calls one host
 * function with numbers from its input, 8 bytes each, and returns the result as its exit code.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class HostFunctionContract {
  private static final int INPUT = 80;
  private static final int CONTENT = 23;
  private static final int MEMORY = 64 << 10;

  /** Short, since some arguments make the guest sleep. */
  private static final Limits SHORT = Limits.DEFAULTS.withTime(Duration.ofMillis(20));

  private static final long[] HOSTILE = {
    0, 1, -1, 1L << 31, Integer.MAX_VALUE, MEMORY, MEMORY - 1, MEMORY - 7, MEMORY - INPUT + 1
  };

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

  static Stream<String> functions() {
    return Capabilities.STANDARD.functions().all().stream().map(HostFunction::name);
  }

  @ParameterizedTest
  @MethodSource("functions")
  void hostileArgumentsReturnAnErrorOrEndTheRunCleanly(String name) {
    var function = function(name);
    try (var module = engine.compile(caller(function), Limits.DEFAULTS)) {
      for (int changed = 0; changed < function.params().size(); changed++) {
        for (long others : new long[] {0, 1, -1, MEMORY - 7}) {
          for (long value : HOSTILE) {
            var arguments = new long[function.params().size()];
            Arrays.fill(arguments, others);
            arguments[changed] = value;
            assertEndedCleanly(function, arguments, call(module, arguments, SHORT));
          }
        }
      }
    }
  }

  @ParameterizedTest(name = "{0}({1}) = {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "read_input | 65456 80 | 80",
        "read_input | 65457 80 | -1",
        "read_input | -1 80 | -1",
        "read_input | 0x80000000 80 | -1",
        "read_input | 0x80000000 -1 | -1",
        "read_input | 0 -1 | 80",
        "read_input | -1 79 | 80",
        "read_input_at | 0 0 80 | 80",
        "read_input_at | 1 65457 79 | 79",
        "read_input_at | 79 0 65536 | 1",
        "read_input_at | 80 0 65536 | 0",
        "read_input_at | -1 65536 0 | 0",
        "read_input_at | 0x80000000 0 1 | 0",
        "read_input_at | 0 65457 80 | -1",
        "read_input_at | 80 -1 1 | -1",
        "read_input_at | 0 0 -1 | -1",
        "append_output | 0 65536 | 0",
        "append_output | 65536 0 | 0",
        "append_output | 1 65536 | -1",
        "append_output | -1 1 | -1",
        "append_output | 0 -1 | -1",
        "write_output | 0 65536 | 0",
        "write_output | 65536 0 | 0",
        "write_output | 65537 0 | -1",
        "write_output | 1 65536 | -1",
        "write_output | -1 1 | -1",
        "write_output | 0 -1 | -1",
        "write_output | 0x80000000 0x80000000 | -1",
        "write_output | -1 -1 | -1",
        "log | 2 0 65536 0 0 | 0",
        "log | 2 0 65537 0 0 | -1",
        "log | 2 -1 1 0 0 | -1",
        "log | 2 0 1 -1 1 | -1",
        "log | 2 0 1 65536 0 | 0",
        "log | 5 0 1 0 0 | -2",
        "log | -1 0 1 0 0 | -2",
        "log | 2 0 1 0 4 | -2",
        "log | 2 0 1 0 8193 | -3",
        "read_content | 65513 23 | 23",
        "read_content | 65514 23 | -1",
        "read_content | -1 23 | -1",
        "read_content | 0x80000000 -1 | -1",
        "read_content | -1 22 | 23",
        "cache_get | 0 1 0 0 | -5",
        "cache_put | 0 1 0 0 1 | -5",
        "cache_delete | 0 1 | -5",
        "get_time | 3 | -2",
        "get_time | -1 | -2",
        "args_sizes_get | 65532 0 | 0",
        "args_sizes_get | 65533 0 | 21",
        "environ_sizes_get | 0 -1 | 21",
        "clock_time_get | 0 0 65528 | 0",
        "clock_time_get | 0 0 65529 | 21",
        "clock_time_get | 2 0 0 | 28",
        "clock_res_get | 1 -1 | 21",
        "random_get | 0 65536 | 0",
        "random_get | 65536 0 | 0",
        "random_get | 0 65537 | 21",
        "random_get | -1 1 | 21",
        "fd_write | 1 72 1 0 0 0 0 0 0 0x4_00000000 | 0",
        "fd_write | 1 72 1 0 0 0 0 0 0 0x4_FFFFFFFF | 21",
        "fd_write | 1 72 1 0 0 0 0 0 0 0xFFFFFFFF_00000001 | 21",
        "fd_write | 1 -1 1 0 | 21",
        "fd_write | 1 65529 1 0 | 21",
        "fd_write | 1 0 1025 0 | 0",
        "fd_write | 1 0 8193 0 | 21",
        "fd_write | 1 0 -1 0 | 28",
        "fd_write | 1 0 0 65533 | 21",
        "fd_write | 0 0 0 0 | 8",
        "fd_write | 3 0 0 0 | 8",
        "fd_read | 0 72 1 0 0 0 0 0 0 0x4_00000000 | 0",
        "fd_read | 0 -1 1 0 | 21",
        "fd_read | 1 0 0 0 | 8",
        "fd_fdstat_get | 1 65512 | 0",
        "fd_fdstat_get | 1 65513 | 21",
        "fd_fdstat_get | 3 0 | 8",
        "fd_close | 2 | 0",
        "fd_close | 3 | 8",
        "fd_close | 0x80000000 | 8",
        "fd_seek | 1 0 0 0 | 70",
        "fd_prestat_get | 3 0 | 8",
        "fd_pread | 0 0 0 0 0 | 52",
        "fd_pread | 4 0 0 0 0 | 8",
        "path_open | 3 0 0 0 0 0 0 0 0 | 8",
        "proc_raise | 9 | 52",
        "sched_yield | | 0",
        "poll_oneoff | 0 0 0 0 | 28",
        "poll_oneoff | 0 0 1025 0 | 28",
        "poll_oneoff | 0 0 -1 0 | 28",
        "poll_oneoff | 65489 0 1 0 | 21",
        "poll_oneoff | 0 65505 1 0 | 21",
        "poll_oneoff | 0 0 1 65533 | 21"
      })
  void aCallReturnsItsErrorCode(String name, String arguments, int expected) {
    var numbers =
        arguments == null
            ? new long[0]
            : Arrays.stream(arguments.split(" ")).mapToLong(HostFunctionContract::number).toArray();
    var carrying = ModuleContent.put(caller(function(name)), new byte[CONTENT]);
    try (var module = engine.compile(carrying, Limits.DEFAULTS)) {
      var result = call(module, numbers, Limits.DEFAULTS);
      int code = result instanceof GuestFailed failed ? failed.code() : 0;

      assertThat(result).isInstanceOfAny(GuestFailed.class, Completed.class);
      assertThat(code).isEqualTo(expected);
    }
  }

  private static void assertEndedCleanly(
      HostFunction function, long[] arguments, InvocationResult result) {
    var call = function.name() + Arrays.toString(arguments);
    switch (result) {
      case Completed completed ->
          assertThat(function.name()).as(call).isIn("write_output", "append_output");
      case GuestFailed failed ->
          assertThat(isDocumentedResult(function, failed.code())).as(call + failed.code()).isTrue();
      case LimitExceeded exceeded ->
          assertThat(exceeded.limit()).as(call).isEqualTo(LimitKind.TIME);
      case Trapped trapped -> {
        assertThat(function.name()).as(call + " trapped: " + trapped.message()).isEqualTo("abort");
        assertThat(trapped.kind()).isEqualTo(TrapKind.ABORTED);
      }
      case Cancelled cancelled -> throw new AssertionError(call + " was cancelled");
    }
  }

  private static boolean isDocumentedResult(HostFunction function, int code) {
    if (function.result() == null || function.result() == ValueType.I64) {
      return true;
    }
    return function.module().equals(HostFunctionTable.WASI_MODULE)
        ? List.of(0, 8, 21, 28, 52, 70).contains(code)
        : code == 0
            || code == INPUT
            || (code > 0 && code < INPUT && function.name().equals("read_input_at"))
            || Arrays.stream(AbiError.values()).anyMatch(error -> error.code() == code);
  }

  private static InvocationResult call(CompiledModule module, long[] arguments, Limits limits) {
    var input = ByteBuffer.allocate(INPUT).order(ByteOrder.LITTLE_ENDIAN);
    for (long argument : arguments) {
      input.putLong(argument);
    }
    return module.run(
        Invocations.basic(Document.of(input.array()), limits, new Cancellation(), GuestLog.NONE));
  }

  private static HostFunction function(String name) {
    return Capabilities.STANDARD.functions().all().stream()
        .filter(function -> function.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static WasmBinary caller(HostFunction function) {
    var params =
        function.params().stream().map(ValueType::toString).collect(Collectors.joining(" "));
    var arguments =
        IntStream.range(0, function.params().size())
            .mapToObj(i -> "(%s.load (i32.const %d))".formatted(function.params().get(i), 8 * i))
            .collect(Collectors.joining(" "));
    var call = "(call $it " + arguments + ")";
    var result = function.result();
    return Wat.toWasm(
        """
        (module
          (import "%s" "%s" (func $it (param %s) %s))
          (import "wasm_broker_v1" "read_input"
            (func $read_input (param i32 i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "run") (result i32)
            (drop (call $read_input (i32.const 0) (i32.const 80)))
            %s))
        """
            .formatted(
                function.module(),
                function.name(),
                params,
                result == null ? "" : "(result " + result + ")",
                result == null
                    ? call + "(i32.const 0)"
                    : result == ValueType.I64 ? "(i32.wrap_i64 " + call + ")" : call));
  }

  /** Decimal, or hexadecimal with 0x and an underscore between the two halves of 64 bits. */
  private static long number(String text) {
    return text.startsWith("0x") ? halves(text.substring(2).split("_")) : Long.parseLong(text);
  }

  private static long halves(String[] halves) {
    long number = 0;
    for (var half : halves) {
      number = number << 32 | Long.parseLong(half, 16);
    }
    return number;
  }
}
