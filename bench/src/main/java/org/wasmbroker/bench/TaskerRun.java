package org.wasmbroker.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.wasmbroker.app.Broker;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.HttpConfig;
import org.wasmbroker.app.LogConfig;
import org.wasmbroker.app.ProtocolName;
import org.wasmbroker.cache.CacheConfig;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.egress.EgressConfig;
import org.wasmbroker.files.FilesConfig;
import org.wasmbroker.grant.PolicyConfig;
import org.wasmbroker.intake.IntakeConfig;
import org.wasmbroker.mcp.McpConfig;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.protocol.tasker.RecoveryConfig;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.protocol.tasker.worker.TaskerProtocol;
import org.wasmbroker.protocol.tasker.worker.TaskerWorker;
import org.wasmbroker.recording.RecordingConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.report.ReportConfig;
import org.wasmbroker.rollout.RolloutConfig;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.SecretsConfig;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.otel.TracesConfig;

/** Runs a whole broker in this process as a worker of Tasker, and measures it. */
final class TaskerRun {
  private TaskerRun() {}

  /**
   * A measured flood.
   *
   * @param transactions of the whole run including start and stop: each of the broker's statements
   *     is one transaction and one round trip
   * @param batch the average number of outcomes that the broker wrote in one batch
   * @param sample one of the outcomes
   */
  record Flood(
      double perSecond,
      Duration brokerCpu,
      Duration postgresCpu,
      long transactions,
      int batch,
      Outcome.Completed sample) {}

  /** Starts a broker on a full queue and measures from its first claim to its last result. */
  static Flood flood(TaskerTables tables, String engine, boolean recovery, int steps)
      throws InterruptedException, SQLException {
    var recorder = new ThroughputRecorder(TaskerTables.HANDLER, steps);
    long transactionsBefore = tables.transactions();
    var brokerBefore = CpuTime.ofThisProcess();
    var postgresBefore = CpuTime.of(tables.server());
    Duration brokerCpu;
    Duration postgresCpu;
    try (var _ = Broker.start(config(tables, engine, recovery), recorder)) {
      recorder.awaitAll();
      brokerCpu = CpuTime.ofThisProcess().minus(brokerBefore);
      postgresCpu = CpuTime.of(tables.server()).minus(postgresBefore);
    }
    if (tables.results() != steps) {
      throw new IllegalStateException(tables.results() + " results for " + steps + " steps");
    }
    return new Flood(
        steps / (recorder.elapsed().toNanos() / 1e9),
        brokerCpu,
        postgresCpu,
        tables.transactions() - transactionsBefore,
        recorder.averageBatch(),
        recorder.sample());
  }

  /** Makes single steps ready at a fixed rate for a running broker. */
  static void stream(TaskerTables tables, String engine, Stream stream)
      throws InterruptedException, SQLException {
    var steps = tables.pending(stream.steps());
    var recorder = new ThroughputRecorder(TaskerTables.HANDLER, steps.size());
    try (var _ = Broker.start(config(tables, engine, true), recorder)) {
      recorder.awaitCompiled();
      stream.enqueue(tables, steps);
      recorder.awaitAll();
    }
  }

  /**
   * Single steps at a moderate rate.
   *
   * @param warmUp the number of uncounted steps at the start, ten per second
   * @param counted the number of counted steps after them
   * @param perSecond the rate of the counted steps
   */
  record Stream(int warmUp, int counted, int perSecond) {
    private static final int WARM_UP_PER_SECOND = 10;

    int steps() {
      return warmUp + counted;
    }

    void enqueue(TaskerTables tables, List<UUID> steps) throws SQLException {
      try (var connection = tables.connect()) {
        long due = System.nanoTime();
        for (int i = 0; i < steps.size(); i++) {
          due += 1_000_000_000L / (i < warmUp ? WARM_UP_PER_SECOND : perSecond);
          while (System.nanoTime() < due) {
            LockSupport.parkNanos(due - System.nanoTime());
          }
          TaskerTables.enqueue(connection, steps.get(i));
        }
      }
    }
  }

  /** The defaults, for the namespace of the benchmarks. */
  static TaskerConfig taskerConfig(boolean recovery) {
    var defaults = TaskerConfig.DEFAULTS;
    return new TaskerConfig(
        List.of(new Namespace(TaskerTables.NAMESPACE)),
        List.of(),
        null,
        defaults.defaultTimeout(),
        defaults.watchInterval(),
        recovery ? RecoveryConfig.DEFAULTS : null,
        null,
        defaults.visibility());
  }

  /** The protocol alone, without a broker. */
  static TaskerProtocol protocol(Database database, boolean recovery) {
    var identity = new WorkerIdentity(UUID.randomUUID().toString(), "bench");
    return new TaskerProtocol(
        database, taskerConfig(recovery), new TaskerWorker(identity, "bench"), EventSink.NONE);
  }

  private static BrokerConfig config(TaskerTables tables, String engine, boolean recovery) {
    var dispatch = DispatchConfig.DEFAULTS;
    var defaults = EngineConfig.of(dispatch.slots());
    return new BrokerConfig(
        tables.database(),
        ProtocolName.TASKER,
        StandaloneConfig.DEFAULTS,
        taskerConfig(recovery),
        IntakeConfig.DEFAULTS,
        dispatch,
        EgressConfig.DEFAULTS,
        ReportConfig.DEFAULTS,
        Limits.DEFAULTS,
        PolicyConfig.none(Limits.DEFAULTS),
        BenchGuest.engine(engine),
        new EngineConfig(
            dispatch.slots(),
            defaults.memoryBytes(),
            defaults.stackBytes(),
            defaults.tick(),
            defaults.moduleBytes(),
            tables.compiled(),
            null),
        RegistryConfig.DEFAULTS,
        RolloutConfig.NONE,
        SecretsConfig.DEFAULTS,
        RecordingConfig.DEFAULTS,
        new HttpConfig("127.0.0.1", 0),
        LogConfig.DEFAULTS,
        TracesConfig.OFF,
        CacheConfig.DEFAULTS,
        FilesConfig.DEFAULTS,
        McpConfig.DEFAULTS);
  }
}
