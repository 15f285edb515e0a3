package org.wasmbroker.bench;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.wasmbroker.sandbox.InvocationResult;

/** The time of one complete run: store, limits, instance, guest, output, teardown. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class FreshInstanceBenchmark {
  @Param({"wasmtime", "wasmtime-java"})
  public String engine = "";

  @Param({"echo", "transform", "transform+schema"})
  public String workload = "";

  private @Nullable BenchGuest guest;

  @Setup
  public void compile() {
    guest = new BenchGuest(engine, workload, 2);
  }

  @Benchmark
  public InvocationResult run() {
    return java.util.Objects.requireNonNull(guest).run();
  }

  @TearDown
  public void close() {
    java.util.Objects.requireNonNull(guest).close();
  }
}
