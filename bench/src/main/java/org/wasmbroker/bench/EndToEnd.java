package org.wasmbroker.bench;

import java.time.Duration;
import java.util.Locale;
import org.wasmbroker.embedded.EmbeddedPostgres;

/**
 * From the queue to the result on an embedded Postgres: a flood of steps that wait when the broker
 * starts, beside the same statements without a sandbox, and a stream of steps at a modest rate for
 * the time that one step takes.
 */
public final class EndToEnd {
  private EndToEnd() {}

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
      // Once for the compiler and the caches, not counted.
      flood(postgres, engine, "noop", steps, false);
      for (var workload : new String[] {"noop", "transform"}) {
        flood(postgres, engine, workload, steps, true);
      }
      for (var workload : new String[] {"noop", "transform"}) {
        stream(postgres, engine, workload);
      }
    }
  }

  private static void flood(
      EmbeddedPostgres postgres, String engine, String workload, int steps, boolean counted)
      throws Exception {
    var queue = new BenchQueue(postgres, "flood");
    queue.fill(workload, steps);
    var run = BrokerRun.flood(queue, engine, steps);
    queue.fill(workload, steps);
    double ceiling = SqlCeiling.perSecond(queue, steps, run.batch(), run.result());
    if (!counted) {
      return;
    }
    System.out.printf(
        Locale.ROOT,
        "flood %-10s %,8.0f steps/s; SQL ceiling %,8.0f steps/s in the same batches of %d on two connections; ratio %.2f%n",
        workload,
        run.perSecond(),
        ceiling,
        run.batch(),
        run.perSecond() / ceiling);
    System.out.printf(
        Locale.ROOT,
        "%-16s processor time of the broker %.1f s, of Postgres %.1f s, in %.1f s; enqueue to start p50 %s p99 %s, enqueue to result p50 %s p99 %s%n",
        "",
        run.brokerCpu().toMillis() / 1e3,
        run.postgresCpu().toMillis() / 1e3,
        run.took().toMillis() / 1e3,
        millis(run.waits().startMedian()),
        millis(run.waits().startP99()),
        millis(run.waits().resultMedian()),
        millis(run.waits().resultP99()));
  }

  private static void stream(EmbeddedPostgres postgres, String engine, String workload)
      throws Exception {
    var queue = new BenchQueue(postgres, "stream");
    var waits = BrokerRun.stream(queue, engine, workload, 500, Duration.ofSeconds(6));
    System.out.printf(
        "stream %-9s 500 steps/s: enqueue to start p50 %s p99 %s, enqueue to result p50 %s p99 %s%n",
        workload,
        millis(waits.startMedian()),
        millis(waits.startP99()),
        millis(waits.resultMedian()),
        millis(waits.resultP99()));
  }

  private static String millis(Duration time) {
    return String.format(Locale.ROOT, "%.1f ms", time.toNanos() / 1e6);
  }
}
