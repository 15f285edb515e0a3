package org.wasmbroker.bench;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.wasmbroker.app.Engines;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.wasmtime.TextFormat;
import org.wasmbroker.step.Document;

/**
 * Compares a component that returns its step with a core module that does the same, in turns on one
 * engine: processor time of a run in a fresh instance, instantiation included.
 */
public final class ComponentBenchmark {
  private static final long ROUND_NANOS = 50_000_000;

  private static final String MODULE =
      """
      (module
        (import "wasm_broker_v1" "read_input" (func $read (param i32 i32) (result i32)))
        (import "wasm_broker_v1" "write_output" (func $write (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 1024) "{\\"status\\":\\"completed\\",\\"result\\":")
        (func (export "run") (result i32) (local $length i32)
          (local.set $length (call $read (i32.const 1055) (i32.const 60000)))
          (i32.store8 (i32.add (i32.const 1055) (local.get $length)) (i32.const 125))
          (call $write (i32.const 1024) (i32.add (i32.const 32) (local.get $length)))))
      """;

  private static final String COMPONENT =
      """
      (component
        (type $failure-type (record (field "type" string) (field "message" string)
          (field "retryable" bool) (field "code" (option string))
          (field "retry-after-ms" (option u64)) (field "context" (option string))))
        (export $failure "failure" (type $failure-type))
        (core module $program
          (memory (export "memory") 1)
          (global $next (mut i32) (i32.const 1024))
          (func (export "realloc") (param i32 i32 i32 i32) (result i32)
            (global.get $next)
            (global.set $next (i32.add (global.get $next) (local.get 3))))
          (func (export "run") (param $step i32) (param $length i32) (result i32)
            (i32.store8 (i32.const 16) (i32.const 0))
            (i32.store (i32.const 24) (local.get $step))
            (i32.store (i32.const 28) (local.get $length))
            (i32.const 16)))
        (core instance $i (instantiate $program))
        (func $run (param "step" string) (result (result string (error $failure)))
          (canon lift (core func $i "run") (memory (core memory $i "memory"))
            (realloc (core func $i "realloc"))))
        (export "run" (func $run)))
      """;

  private ComponentBenchmark() {}

  /**
   * @param arguments the number of rounds
   */
  public static void main(String[] arguments) {
    int rounds = Integer.parseInt(arguments[0]);
    var document = BenchGuest.document("echo");
    try (var engine = Engines.start(BenchGuest.engine("wasmtime"), EngineConfig.of(1));
        var module = engine.compile(text(MODULE), Limits.DEFAULTS);
        var component = engine.compile(text(COMPONENT), Limits.DEFAULTS)) {
      var result = run(module, document).output().text();
      if (!run(component, document).output().text().equals(result)) {
        throw new IllegalStateException("their results differ");
      }
      for (int warm = 0; warm < 10; warm++) {
        var _ = micros(module, document) + micros(component, document);
      }
      var ofModule = new double[rounds];
      var ofComponent = new double[rounds];
      var ratios = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        // The one that is first changes, so that no turn is always after the other's garbage.
        if (round % 2 == 0) {
          ofModule[round] = micros(module, document);
          ofComponent[round] = micros(component, document);
        } else {
          ofComponent[round] = micros(component, document);
          ofModule[round] = micros(module, document);
        }
        ratios[round] = ofComponent[round] / ofModule[round];
      }
      print(ofModule, ofComponent, ratios);
    }
  }

  private static WasmBinary text(String text) {
    return TextFormat.load(null).toWasm(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void print(double[] ofModule, double[] ofComponent, double[] ratios) {
    for (var each : new double[][] {ofModule, ofComponent, ratios}) {
      Arrays.sort(each);
    }
    System.out.printf(
        Locale.ROOT,
        "core module %.2f µs, component %.2f µs of processor time: the best of %d rounds, ratio %.2f%n",
        ofModule[0],
        ofComponent[0],
        ratios.length,
        ofComponent[0] / ofModule[0]);
    System.out.printf(
        Locale.ROOT,
        "ratio of a round: median %.2f, %.2f to %.2f (wanted: at most 1.5)%n",
        ratios[ratios.length / 2],
        ratios[0],
        ratios[ratios.length - 1]);
  }

  private static double micros(CompiledModule module, Document document) {
    var threads = ManagementFactory.getThreadMXBean();
    long runs = 0;
    long begin = threads.getCurrentThreadCpuTime();
    long took;
    do {
      for (int i = 0; i < 100; i++) {
        var _ = run(module, document);
      }
      runs += 100;
      took = threads.getCurrentThreadCpuTime() - begin;
    } while (took < ROUND_NANOS);
    return took / 1e3 / runs;
  }

  private static Completed run(CompiledModule module, Document document) {
    var result =
        module.run(
            new Invocation(
                "handler",
                document,
                Limits.DEFAULTS,
                new Cancellation(),
                GuestLog.NONE,
                Capabilities.STANDARD.basicAccess()));
    if (!(result instanceof Completed completed)) {
      throw new IllegalStateException("the step did not complete: " + result);
    }
    return completed;
  }
}
