package org.wasmbroker.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;

/** What claims and completions cost the server, sequentially on one connection. */
final class TaskerBatches {
  private TaskerBatches() {}

  /** CPU time of the server. */
  record Cost(Duration claims, Duration completions) {}

  /**
   * @param sample an outcome whose result and receipt are used for all steps
   */
  static Cost measure(TaskerTables tables, int batch, int steps, Outcome.Completed sample)
      throws SQLException {
    tables.fill(steps);
    tables.send();
    try (var database = Database.open(tables.database(), "bench batches", TaskerSession.SQL);
        var protocol = TaskerRun.protocol(database, true)) {
      database.ping();
      var began = CpuTime.of(tables.server());
      var claims = new ArrayList<List<Step>>();
      for (var claimed = protocol.claim(batch).steps();
          !claimed.isEmpty();
          claimed = protocol.claim(batch).steps()) {
        claims.add(claimed);
      }
      var between = CpuTime.of(tables.server());
      claims.forEach(claimed -> protocol.complete(outcomes(claimed, sample)));
      var ended = CpuTime.of(tables.server());
      return new Cost(between.minus(began), ended.minus(between));
    }
  }

  static List<Outcome> outcomes(List<Step> steps, Outcome.Completed sample) {
    var now = Instant.now();
    return steps.stream()
        .<Outcome>map(step -> new Outcome.Completed(step, sample.result(), now, sample.receipt()))
        .toList();
  }
}
