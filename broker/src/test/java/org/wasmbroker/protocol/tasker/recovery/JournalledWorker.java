package org.wasmbroker.protocol.tasker.recovery;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.protocol.tasker.RecoveryConfig;
import org.wasmbroker.protocol.tasker.claim.ClaimedRow;
import org.wasmbroker.protocol.tasker.claim.StepClaimer;
import org.wasmbroker.protocol.tasker.report.Completion;
import org.wasmbroker.protocol.tasker.report.CompletionWriter;
import org.wasmbroker.protocol.tasker.report.ResultNotifier;
import org.wasmbroker.step.Document;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.TaskerEvent;

/** The parts of one broker that claim, complete and recover, each called by the test. */
final class JournalledWorker implements EventSink {
  static final QueueName QUEUE = new Namespace("catalog").queue();
  static final RecoveryConfig SLOW =
      new RecoveryConfig(Duration.ofMinutes(1), Duration.ofMinutes(3));

  final UUID id = UUID.randomUUID();
  final WorkerIdentity identity;
  final StepClaimer claims;
  final CompletionWriter completions;
  final WorkerRecovery recovery;
  final WorkerHeartbeat heartbeat;
  final AtomicInteger recovered = new AtomicInteger();
  final AtomicInteger resent = new AtomicInteger();
  final @Nullable ResultNotifier results;

  /**
   * @param queues the separate database of the queues, or null
   */
  JournalledWorker(
      String hostname, Database database, RecoveryConfig config, @Nullable Database queues) {
    identity = new WorkerIdentity(id.toString(), hostname);
    claims = new StepClaimer(database, id, true, List.of(QUEUE));
    completions = new CompletionWriter(database, id, true, queues == null);
    results = queues == null ? null : new ResultNotifier(queues, database, this);
    recovery =
        new WorkerRecovery(database, config.deadAfter(), identity, completions, results, this);
    heartbeat = new WorkerHeartbeat(database, config, identity, "test", recovery);
  }

  /** A worker whose heartbeat is sent manually. */
  static JournalledWorker of(String hostname, Database database) {
    return new JournalledWorker(hostname, database, SLOW, null);
  }

  List<ClaimedRow> claim(int atMost) {
    return claims.claim(QUEUE, atMost, UUID.randomUUID(), Set.of()).steps();
  }

  List<ClaimedRow> claimRead(Map<Long, UUID> messages) {
    return claims.claim(messages, UUID.randomUUID(), Set.of()).steps();
  }

  static Completion success(ClaimedRow row) {
    return success(row.step(), row.transition(), row.task(), row.correlation());
  }

  static Completion success(UUID step, UUID transition, UUID task, UUID correlation) {
    var result =
        """
        {"step_uuid":"%s","success":true,"result":{},"status":"completed","error":null,
         "metadata":{"execution_time_ms":1,"retryable":false,"custom":{},"context":{}},
         "orchestration_metadata":{"headers":{},"error_context":null,"backoff_hint":null,"custom":{}}}\
        """
            .formatted(step);
    return new Completion(step, transition, task, correlation, true, Document.of(result), true);
  }

  @Override
  public void on(BrokerEvent event) {
    if (event instanceof TaskerEvent.StepsRecovered(int steps, _)) {
      recovered.addAndGet(steps);
    } else if (event instanceof TaskerEvent.ResultsResent(int count)) {
      resent.addAndGet(count);
    }
  }
}
