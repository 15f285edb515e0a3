package org.wasmbroker.sandbox;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.fuzz.ComparableResult;
import org.wasmbroker.fuzz.FuzzTarget;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;
import org.wasmbroker.step.Document;

/**
 * Host calls on both engines: a guest reads its input to the start of its memory and makes up to
 * sixteen calls described there, {@value #RECORD} bytes each: nine arguments of eight bytes and the
 * index of a function. Every run must end as the ABI says, with the same result on both engines.
 */
public final class HostCallFuzz implements FuzzTarget {
  private static final int RECORD = 80;
  private static final int FUNCTION_AT = 72;
  private static final int CALLS = 16;
  private static final List<HostFunction> FUNCTIONS = Capabilities.STANDARD.functions().all();
  private static final Limits LIMITS = Limits.DEFAULTS.withTime(Duration.ofMillis(200));

  private final Engine one =
      WasmtimeEngine.start(EngineConfig.of(1), Capabilities.STANDARD.functions());
  private final Engine other =
      WasmtimeJavaEngine.start(EngineConfig.of(1), Capabilities.STANDARD.functions());
  private final CompiledModule onOne = one.compile(caller(), LIMITS);
  private final CompiledModule onOther = other.compile(caller(), LIMITS);

  @Override
  public List<byte[]> seeds() {
    return List.of(
        calls(call("read_input", 4000, 100), call("write_output", 4000, 20)),
        calls(call("write_output", 0, 65536), call("write_output", 0, 1)),
        calls(call("log", 2, 0, 200, 65530, 7), call("log", 4, 0, 10, 0, 0)),
        calls(
            call("http_request", 0, 0, 560, 40),
            call("http_request", 1, 1, 4000, 100),
            call("http_request", 2, 1, 4000, 30),
            call("http_request", 2, 1, 65536, 1),
            call("http_request", 3, 1, 0, 0),
            call("http_request", 4, 0, 4000, 100)),
        calls(
            call("http_request", 5, 0, 560, 40),
            call("http_request", 6, 1, 0, 100),
            call("http_request", 6, 1, 65530, 7),
            call("http_request", 7, 1, 0, 0),
            call("http_request", 1, 1, 4000, 100)),
        calls(
            call("read_input_at", 3, 4000, 100),
            call("append_output", 4000, 20),
            call("append_output", 4010, 7),
            call("write_output", 0, 3)),
        calls(call("read_secret", 560, 7, 4000, 100), call("read_secret", 560, 7, 0, 0)),
        calls(
            call("cache_put", 560, 7, 4000, 100, 1000),
            call("cache_get", 560, 7, 4000, 100),
            call("cache_get", 560, 7, 4000, 99),
            call("cache_delete", 560, 7),
            call("cache_put", 560, 513, 0, 0, 1)),
        calls(call("get_time", 0), call("get_time", 3), call("random_get", 4000, 100)),
        calls(call("fd_write", 1, 560, 2, 4000), call("fd_read", 0, 560, 1, 4000)),
        calls(call("fd_close", 1), call("fd_write", 1, 560, 1, 4000), call("proc_exit", 3)),
        calls(call("poll_oneoff", 560, 4000, 1, 5000), call("clock_time_get", 1, 0, 4000)),
        calls(call("args_sizes_get", -1, 0), call("environ_sizes_get", 65532, 65533)));
  }

  @Override
  public int shortRun() {
    return 400;
  }

  @Override
  public void accept(byte[] input) {
    var result = run(onOne, input);
    var otherResult = run(onOther, input);
    assertEndedCleanly(result);
    assertEndedCleanly(otherResult);
    if (ComparableResult.isComparable(result) && ComparableResult.isComparable(otherResult)) {
      assertThat(ComparableResult.of(otherResult)).isEqualTo(ComparableResult.of(result));
    }
  }

  private static void assertEndedCleanly(InvocationResult result) {
    if (result instanceof InvocationResult.Trapped trapped
        && trapped.kind() != TrapKind.ABORTED) { // abort is a host function, too
      throw new AssertionError("trapped: " + trapped.message());
    }
    assertThat(result).isNotInstanceOf(InvocationResult.Cancelled.class);
  }

  private static InvocationResult run(CompiledModule module, byte[] input) {
    var access =
        new Access(
            Set.copyOf(Capabilities.STANDARD.functionNames()),
            List.of(
                (GuestHttp) (request, body, clock) -> new EchoedRequest(request),
                (GuestSecrets) HostCallFuzz::secret,
                new OwnCache()));
    return module.run(
        new Invocation(
            "handler", Document.of(input), LIMITS, new Cancellation(), GuestLog.NONE, access));
  }

  /** Of one run. */
  private static final class OwnCache implements GuestCache {
    private final Map<Document, Document> entries = new HashMap<>();

    @Override
    public @Nullable Document get(Document key) {
      return entries.get(key);
    }

    @Override
    public void put(Document key, Document value, long ttlMillis) throws CallRefusedException {
      if (value.size() % 3 == 1) {
        throw new CallRefusedException(AbiError.BUDGET, "refused");
      }
      entries.put(key, value);
    }

    @Override
    public boolean delete(Document key) {
      return entries.remove(key) != null;
    }
  }

  private static byte[] secret(String name) throws CallRefusedException {
    if (name.length() % 3 == 1) {
      return name.repeat(10).getBytes(StandardCharsets.UTF_8);
    }
    throw new CallRefusedException(
        name.length() % 3 == 0 ? AbiError.DENIED : AbiError.NOT_FOUND, "refused");
  }

  /** A module that can call every host function, each in its own branch. */
  private static WasmBinary caller() {
    var imports =
        IntStream.range(0, FUNCTIONS.size())
            .mapToObj(index -> importOf(index, FUNCTIONS.get(index)))
            .collect(joining("\n"));
    var branches =
        IntStream.range(0, FUNCTIONS.size())
            .mapToObj(
                index ->
                    "(if (i32.eq (local.get $n) (i32.const %d)) (then %s))"
                        .formatted(index, callOf(index)))
            .collect(joining("\n"));
    return Wat.toWasm(
        """
        (module
          %s
          (memory (export "memory") 2 4)
          (global $sum (mut i64) (i64.const 0))
          (func $take (param $answer i64)
            (global.set $sum
              (i64.add (i64.mul (global.get $sum) (i64.const 31)) (local.get $answer))))
          (func $call (param $at i32) (local $n i32)
            (local.set $n
              (i32.rem_u (i32.load8_u offset=%d (local.get $at)) (i32.const %d)))
            %s)
          (func (export "run") (result i32) (local $at i32) (local $end i32)
            (local.set $end (call $f0 (i32.const 0) (i32.const 65536)))
            (if (i32.gt_u (local.get $end) (i32.const %d))
              (then (local.set $end (i32.const %d))))
            (loop $next
              (if (i32.lt_u (local.get $at) (local.get $end))
                (then
                  (call $call (local.get $at))
                  (local.set $at (i32.add (local.get $at) (i32.const %d)))
                  (br $next))))
            (i32.wrap_i64 (global.get $sum))))
        """
            .formatted(
                imports,
                FUNCTION_AT,
                FUNCTIONS.size(),
                branches,
                CALLS * RECORD,
                CALLS * RECORD,
                RECORD));
  }

  private static String importOf(int index, HostFunction function) {
    return "(import \"%s\" \"%s\" (func $f%d (param %s)%s))"
        .formatted(
            function.module(),
            function.name(),
            index,
            function.params().stream().map(ValueType::toString).collect(joining(" ")),
            function.result() == null ? "" : " (result " + function.result() + ")");
  }

  private static String callOf(int index) {
    var function = FUNCTIONS.get(index);
    var arguments =
        IntStream.range(0, function.params().size())
            .mapToObj(
                i ->
                    "(%s.load offset=%d (local.get $at))"
                        .formatted(function.params().get(i), 8 * i))
            .collect(joining(" "));
    var call = "(call $f%d %s)".formatted(index, arguments);
    if (function.result() == null) {
      return call;
    }
    return function.result() == ValueType.I32
        ? "(call $take (i64.extend_i32_s " + call + "))"
        : "(call $take " + call + ")";
  }

  private static byte[] call(String name, long... arguments) {
    var record = ByteBuffer.allocate(RECORD).order(ByteOrder.LITTLE_ENDIAN);
    for (long argument : arguments) {
      record.putLong(argument);
    }
    int index =
        IntStream.range(0, FUNCTIONS.size())
            .filter(i -> FUNCTIONS.get(i).name().equals(name))
            .findFirst()
            .orElseThrow();
    return record.put(FUNCTION_AT, (byte) index).array();
  }

  /** The calls, followed at byte 560 by two ranges for functions that take iovecs. */
  private static byte[] calls(byte[]... calls) {
    var bytes = new ByteArrayOutputStream();
    for (var call : calls) {
      bytes.writeBytes(call);
    }
    var padded = ByteBuffer.allocate(640).order(ByteOrder.LITTLE_ENDIAN).put(bytes.toByteArray());
    return padded.position(560).putInt(0).putInt(7).putInt(16).putInt(0).array();
  }

  /** Responds with the request as the body, or fails if the request has an odd number of bytes. */
  private static final class EchoedRequest implements GuestHttpResponse {
    private final byte[] body;
    private int at;

    EchoedRequest(byte[] request) throws CallRefusedException {
      if (request.length % 2 == 1) {
        throw new CallRefusedException(
            AbiError.IO, "refused", Document.of("{\"type\":\"connect_failed\"}"));
      }
      this.body = request;
    }

    @Override
    public Document head() {
      return Document.of("{\"status\":200}");
    }

    @Override
    public int read(byte[] into, RunDeadline clock) {
      int count = Math.min(into.length, body.length - at);
      System.arraycopy(body, at, into, 0, count);
      at += count;
      return count;
    }

    @Override
    public void close() {}
  }
}
