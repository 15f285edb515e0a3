package org.wasmbroker.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.protocol.tasker.worker.TaskerProtocol;
import org.wasmbroker.step.Outcome;

/**
 * What the database alone can sustain: the broker's own claims and completions in its own batches,
 * with a prepared result and nothing run in between.
 */
final class TaskerCeiling {
  /** As many as the poller and the reporters of a broker use. */
  static final int CONNECTIONS = 3;

  private TaskerCeiling() {}

  /**
   * A measured ceiling.
   *
   * @param postgresCpu the CPU time of the server
   */
  record Ceiling(double perSecond, Duration postgresCpu) {}

  /**
   * @param sample an outcome whose result and receipt are used for all steps
   */
  static Ceiling measure(
      TaskerTables tables, boolean recovery, int steps, int batch, Outcome.Completed sample)
      throws InterruptedException, SQLException {
    var remaining = new AtomicInteger(steps);
    try (var database = Database.open(tables.database(), "bench ceiling", TaskerSession.SQL);
        var protocol = TaskerRun.protocol(database, recovery)) {
      database.ping();
      var cpuBefore = CpuTime.of(tables.server());
      long start = System.nanoTime();
      var threads = new ArrayList<Thread>();
      for (int i = 0; i < CONNECTIONS; i++) {
        threads.add(Thread.ofPlatform().start(() -> drain(protocol, batch, sample, remaining)));
      }
      for (var thread : threads) {
        thread.join();
      }
      var elapsed = System.nanoTime() - start;
      if (remaining.get() != 0) {
        throw new IllegalStateException(remaining.get() + " steps were not claimed");
      }
      return new Ceiling(steps / (elapsed / 1e9), CpuTime.of(tables.server()).minus(cpuBefore));
    }
  }

  private static void drain(
      TaskerProtocol protocol, int batch, Outcome.Completed sample, AtomicInteger remaining) {
    while (true) {
      var steps = protocol.claim(batch).steps();
      if (steps.isEmpty()) {
        return;
      }
      protocol.complete(TaskerBatches.outcomes(steps, sample));
      remaining.addAndGet(-steps.size());
    }
  }
}
