package org.wasmbroker.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs {@link FreshInstanceBenchmark} on one and on two threads, and prints the engines side by
 * side.
 */
public final class SandboxBenchmark {
  private record Case(String workload, int threads) {}

  private record Measurement(double p50, double p99, double perSecond) {}

  private SandboxBenchmark() {}

  public static void main(String[] arguments) throws RunnerException {
    var figures = new LinkedHashMap<Case, Map<String, Measurement>>();
    for (int threads : new int[] {1, 2}) {
      for (var result : new Runner(options(threads).build()).run()) {
        var params = result.getParams();
        figures
            .computeIfAbsent(
                new Case(params.getParam("workload"), threads), key -> new LinkedHashMap<>())
            .put(params.getParam("engine"), figure(result, threads));
      }
    }
    print(figures);
  }

  private static org.openjdk.jmh.runner.options.ChainedOptionsBuilder options(int threads) {
    return new OptionsBuilder()
        .include(FreshInstanceBenchmark.class.getName())
        .threads(threads)
        .forks(1)
        .warmupIterations(3)
        .warmupTime(TimeValue.seconds(1))
        .measurementIterations(4)
        .measurementTime(TimeValue.seconds(2))
        .jvmArgsAppend("--enable-native-access=ALL-UNNAMED")
        .verbosity(VerboseMode.SILENT);
  }

  private static Measurement figure(RunResult result, int threads) {
    var times = result.getPrimaryResult().getStatistics();
    return new Measurement(
        times.getPercentile(50), times.getPercentile(99), threads * 1e6 / times.getMean());
  }

  private static void print(Map<Case, Map<String, Measurement>> figures) {
    System.out.println("\nOne fresh instance, from store to teardown (JMH, sampled)");
    System.out.printf(
        "%-18s %7s  %-14s %10s %10s %12s  %s%n",
        "guest", "threads", "engine", "p50 µs", "p99 µs", "runs/s", "times faster (p50)");
    figures.forEach(
        (key, engines) -> {
          double slowest = engines.values().stream().mapToDouble(Measurement::p50).max().orElse(0);
          engines.forEach(
              (engine, figure) ->
                  System.out.printf(
                      "%-18s %7d  %-14s %10.1f %10.1f %12.0f  %.1f%n",
                      key.workload(),
                      key.threads(),
                      engine,
                      figure.p50(),
                      figure.p99(),
                      figure.perSecond(),
                      slowest / figure.p50()));
        });
  }
}
