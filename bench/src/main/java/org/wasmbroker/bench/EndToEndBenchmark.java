package org.wasmbroker.bench;

import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.wasmbroker.embedded.EmbeddedPostgres;

/**
 * From the queue to the result on an embedded Postgres: the throughput of a flood of steps that are
 * queued when the broker starts, compared to the same statements without a sandbox, and the latency
 * of single steps at a moderate rate.
 */
public final class EndToEndBenchmark {
  private static final List<String> WORKLOADS = List.of("noop", "transform");

  /** Uncounted rounds that warm up compilers and caches. */
  private static final int WARM_UP = 2;

  private static final int ROUNDS = 5;

  private EndToEndBenchmark() {}

  /**
   * @param arguments the number of steps of a flood, and the engine
   */
  public static void main(String[] arguments) throws Exception {
    int steps = Integer.parseInt(arguments[0]);
    var engine = arguments[1];
    System.out.printf(
        "%nEnd to end, %s, %,d steps each, %d processors, Postgres on the same machine%n",
        engine, steps, Runtime.getRuntime().availableProcessors());
    try (var postgres = EmbeddedPostgres.start()) {
      var compiled = Files.createTempDirectory("wasm-broker-bench-");
      var flood = new BenchQueue(postgres, compiled, "flood");
      for (int i = 0; i < WARM_UP; i++) {
        for (var workload : WORKLOADS) {
          flood(flood, engine, workload, steps, false);
        }
      }
      for (var workload : WORKLOADS) {
        var ratios = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
          ratios[i] = flood(flood, engine, workload, steps, true);
        }
        Arrays.sort(ratios);
        System.out.printf(
            Locale.ROOT,
            "flood %-10s ratio to the SQL ceiling: median %.2f of %d rounds%n",
            workload,
            ratios[ROUNDS / 2],
            ROUNDS);
      }
      var stream = new BenchQueue(postgres, compiled, "stream");
      for (var workload : WORKLOADS) {
        stream(stream, engine, workload);
      }
    }
  }

  /** Returns the ratio of the broker's throughput to that of the statements alone. */
  private static double flood(
      BenchQueue queue, String engine, String workload, int steps, boolean counted)
      throws Exception {
    queue.fill(workload, steps);
    var run = BrokerRun.flood(queue, engine, workload, steps);
    queue.fill(workload, steps);
    var ceiling = SqlCeiling.measure(queue, steps, run.batch(), run.result());
    double ratio = run.perSecond() / ceiling.perSecond();
    if (!counted) {
      return ratio;
    }
    System.out.printf(
        Locale.ROOT,
        "flood %-10s %,8.0f steps/s; SQL ceiling %,8.0f steps/s in the same batches of %d on two connections; ratio %.2f%n",
        workload,
        run.perSecond(),
        ceiling.perSecond(),
        run.batch(),
        ratio);
    System.out.printf(
        Locale.ROOT,
        "%-16s CPU time per step: broker %.0f µs, Postgres %.0f µs (ceiling: %.0f µs); enqueue to start p50 %s p99 %s, enqueue to result p50 %s p99 %s%n",
        "",
        run.brokerCpu().toNanos() / 1e3 / steps,
        run.postgresCpu().toNanos() / 1e3 / steps,
        ceiling.postgresCpu().toNanos() / 1e3 / steps,
        millis(run.latencies().startMedian()),
        millis(run.latencies().startP99()),
        millis(run.latencies().resultMedian()),
        millis(run.latencies().resultP99()));
    return ratio;
  }

  private static void stream(BenchQueue queue, String engine, String workload) throws Exception {
    var latencies = BrokerRun.stream(queue, engine, workload, 500, Duration.ofSeconds(6));
    System.out.printf(
        "stream %-9s 500 steps/s: enqueue to start p50 %s p99 %s, enqueue to result p50 %s p99 %s%n",
        workload,
        millis(latencies.startMedian()),
        millis(latencies.startP99()),
        millis(latencies.resultMedian()),
        millis(latencies.resultP99()));
  }

  private static String millis(Duration time) {
    return String.format(Locale.ROOT, "%.1f ms", time.toNanos() / 1e6);
  }
}
