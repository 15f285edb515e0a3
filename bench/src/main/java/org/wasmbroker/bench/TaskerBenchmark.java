package org.wasmbroker.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.bench.TaskerRun.Stream;
import org.wasmbroker.bench.TaskerTables.Latencies;
import org.wasmbroker.embedded.EmbeddedPostgres;

/**
 * The broker as a worker of Tasker on an embedded Postgres: the throughput of a flood of steps that
 * are ready when it starts, compared to the same statements without a sandbox and to Tasker's own
 * worker; the latency of single steps at a moderate rate; and the cost of the statements by batch
 * size.
 */
public final class TaskerBenchmark {
  private static final String ENGINE = "wasmtime";
  private static final int WARM_UP = 4;
  private static final Stream STREAM = new Stream(30, 180, 3);

  /** Tasker's own worker is measured on fewer steps, as it is slower. */
  private static final int NOTIFIED = 1000;

  private static final int POLLED = 100;

  private final TaskerTables tables;
  private final int steps;
  private final @Nullable Path nativeWorker;

  private TaskerBenchmark(TaskerTables tables, int steps, @Nullable Path nativeWorker) {
    this.tables = tables;
    this.steps = steps;
    this.nativeWorker = nativeWorker;
  }

  /**
   * @param arguments the steps of a flood, the rounds, the directory of Tasker's migrations, and
   *     optionally Tasker's own worker
   */
  public static void main(String[] arguments) throws Exception {
    int steps = Integer.parseInt(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    var worker = arguments.length > 3 ? Path.of(arguments[3]) : null;
    System.out.printf(
        "%nWorker of Tasker, %s, floods of %,d no-op steps, %d processors, Postgres on the same machine%n",
        ENGINE, steps, Runtime.getRuntime().availableProcessors());
    try (var postgres = EmbeddedPostgres.start()) {
      var compiled = Files.createTempDirectory("wasm-broker-bench-");
      var tables = new TaskerTables(postgres, Path.of(arguments[2]), compiled);
      var benchmark = new TaskerBenchmark(tables, steps, worker);
      benchmark.floods(rounds);
      benchmark.streams();
      benchmark.batches();
    }
  }

  private void floods(int rounds) throws IOException, InterruptedException, SQLException {
    for (int i = 0; i < WARM_UP; i++) {
      flood(i % 2 == 0, false);
    }
    var withRecovery = new double[rounds];
    var without = new double[rounds];
    var notified = new double[rounds];
    var polled = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      var flood = flood(true, true);
      withRecovery[i] = flood.ratio();
      without[i] = flood(false, true).ratio();
      if (nativeWorker != null) {
        notified[i] = ratio(nativeWorker, flood, NOTIFIED, true);
        polled[i] = ratio(nativeWorker, flood, POLLED, false);
      }
    }
    median("to the SQL ceiling", withRecovery);
    median("to the SQL ceiling, recovery off", without);
    if (nativeWorker != null) {
      median("to Tasker's own worker by notification", notified);
      median("to Tasker's own worker by polling", polled);
    }
  }

  /** The broker's throughput, and its ratio to that of the statements alone. */
  private record Flood(double perSecond, double ratio) {}

  private Flood flood(boolean recovery, boolean counted) throws InterruptedException, SQLException {
    tables.fill(steps);
    tables.send();
    var run = TaskerRun.flood(tables, ENGINE, recovery, steps);
    tables.fill(steps);
    tables.send();
    var ceiling = TaskerCeiling.measure(tables, recovery, steps, run.batch(), run.sample());
    var flood = new Flood(run.perSecond(), run.perSecond() / ceiling.perSecond());
    if (counted) {
      System.out.printf(
          Locale.ROOT,
          "flood, recovery %-3s %,8.0f steps/s; SQL ceiling %,8.0f steps/s in the same batches of %d on %d connections; ratio %.2f%n",
          recovery ? "on" : "off",
          run.perSecond(),
          ceiling.perSecond(),
          run.batch(),
          TaskerCeiling.CONNECTIONS,
          flood.ratio());
      System.out.printf(
          Locale.ROOT,
          "%-19s CPU time per step: broker %.0f µs, Postgres %.0f µs (ceiling: %.0f µs); %.3f round trips per step, including start and stop%n",
          "",
          perStep(run.brokerCpu(), steps),
          perStep(run.postgresCpu(), steps),
          perStep(ceiling.postgresCpu(), steps),
          run.transactions() / (double) steps);
    }
    return flood;
  }

  private double ratio(Path program, Flood broker, int steps, boolean notified)
      throws IOException, InterruptedException, SQLException {
    double perSecond = NativeWorker.flood(tables, program, steps, notified);
    double ratio = broker.perSecond() / perSecond;
    System.out.printf(
        Locale.ROOT,
        "Tasker's own worker by %-12s %,8.0f steps/s (%,d steps); the broker is %.1f times as fast%n",
        notified ? "notification" : "polling",
        perSecond,
        steps,
        ratio);
    return ratio;
  }

  private static void median(String name, double[] ratios) {
    var sorted = ratios.clone();
    Arrays.sort(sorted);
    System.out.printf(
        Locale.ROOT,
        "flood ratio %s: median %.2f of %d rounds, %.2f to %.2f%n",
        name,
        sorted[sorted.length / 2],
        sorted.length,
        sorted[0],
        sorted[sorted.length - 1]);
  }

  private void streams() throws IOException, InterruptedException, SQLException {
    TaskerRun.stream(tables, ENGINE, STREAM);
    print("broker", tables.latencies(STREAM.counted()));
    if (nativeWorker != null) {
      NativeWorker.stream(tables, nativeWorker, STREAM);
      print("Tasker's own worker", tables.latencies(STREAM.counted()));
    }
  }

  private static void print(String worker, Latencies latencies) {
    System.out.printf(
        Locale.ROOT,
        "stream %-19s %d steps, %d/s: enqueue to claim p50 %s p99 %s, claim to completion p50 %s p99 %s%n",
        worker,
        latencies.steps(),
        STREAM.perSecond(),
        millis(latencies.claimMedian()),
        millis(latencies.claimP99()),
        millis(latencies.completionMedian()),
        millis(latencies.completionP99()));
  }

  private void batches() throws InterruptedException, SQLException {
    tables.fill(1);
    tables.send();
    var sample = TaskerRun.flood(tables, ENGINE, true, 1).sample();
    for (int batch = 1; batch <= 1000; batch *= 10) {
      int measured = Math.min(steps, 1000 * batch);
      var cost = TaskerBatches.measure(tables, batch, measured, sample);
      System.out.printf(
          Locale.ROOT,
          "batches of %4d: Postgres CPU time per step: claim %.0f µs, completion %.0f µs%n",
          batch,
          perStep(cost.claims(), measured),
          perStep(cost.completions(), measured));
    }
  }

  private static double perStep(Duration time, int steps) {
    return time.toNanos() / 1e3 / steps;
  }

  private static String millis(Duration time) {
    return String.format(Locale.ROOT, "%.1f ms", time.toNanos() / 1e6);
  }
}
