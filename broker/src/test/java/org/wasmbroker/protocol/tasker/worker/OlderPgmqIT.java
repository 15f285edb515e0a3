package org.wasmbroker.protocol.tasker.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TaskerRows;

/** Tasker's own images have PGMQ 1.5 or 1.8, whose queues lack a column that 1.10 added. */
class OlderPgmqIT {
  private static final String QUEUE = "worker_catalog_queue";
  private static final String TEMPLATE =
      """
      {"name":"one","namespace_name":"catalog","version":"1.0.0",
       "steps":[{"name":"only","handler":{"callable":"transform"}}]}""";

  @Test
  void stepsAreClaimedFromQueuesOfAnOlderPgmqVersion() {
    try (var tasker = TaskerDatabase.create();
        var database = Database.open(tasker.workerConfig(), "test", TaskerSession.SQL)) {
      var step = new FakeOrchestrator(tasker).submit(TEMPLATE, "{}").step();
      tasker.execute("alter table pgmq.q_worker_catalog_queue drop column last_read_at");
      tasker.execute("alter table pgmq.a_worker_catalog_queue drop column last_read_at");
      var config = withoutRecovery();
      try (var protocol =
          new TaskerProtocol(
              database,
              config,
              new TaskerWorker(new WorkerIdentity(UUID.randomUUID().toString(), "here"), "test"),
              EventSink.NONE)) {
        assertThat(protocol.claim(10).steps())
            .extracting(claimed -> claimed.ids().step().value())
            .containsExactly(step);
      }
      var rows = new TaskerRows(tasker);
      assertThat(rows.queued(QUEUE)).isEmpty();
      assertThat(rows.archived(QUEUE)).hasSize(1);
    }
  }

  private static TaskerConfig withoutRecovery() {
    var standard = TaskerConfig.DEFAULTS;
    return new TaskerConfig(
        standard.namespaces(),
        standard.queues(),
        standard.templates(),
        standard.defaultTimeout(),
        standard.watchInterval(),
        null,
        null,
        standard.visibility());
  }
}
