package org.wasmbroker.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.wasmbroker.app.Broker;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.HttpConfig;
import org.wasmbroker.app.LogConfig;
import org.wasmbroker.app.ProtocolName;
import org.wasmbroker.bench.BenchQueue.Latencies;
import org.wasmbroker.cache.CacheConfig;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.egress.EgressConfig;
import org.wasmbroker.files.FilesConfig;
import org.wasmbroker.grant.PolicyConfig;
import org.wasmbroker.intake.IntakeConfig;
import org.wasmbroker.mcp.McpConfig;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.recording.RecordingConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.report.ReportConfig;
import org.wasmbroker.rollout.RolloutConfig;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.SecretsConfig;
import org.wasmbroker.telemetry.otel.TracesConfig;

/** Runs a whole broker in this process and measures it. */
final class BrokerRun {
  private BrokerRun() {}

  /**
   * A measured flood.
   *
   * @param batch the average number of outcomes that the broker wrote in one batch
   * @param result one of the results
   */
  record Flood(
      double perSecond,
      Duration elapsed,
      Duration brokerCpu,
      Duration postgresCpu,
      int batch,
      String result,
      Latencies latencies) {}

  /** Starts a broker on a full queue and measures from its first claim to its last result. */
  static Flood flood(BenchQueue queue, String engine, String workload, int steps)
      throws InterruptedException, SQLException {
    var recorder = new ThroughputRecorder(workload, steps);
    var brokerBefore = CpuTime.ofThisProcess();
    var postgresBefore = CpuTime.of(queue.server());
    Duration brokerCpu;
    Duration postgresCpu;
    try (var _ = Broker.start(config(queue, engine), recorder)) {
      recorder.awaitAll();
      brokerCpu = CpuTime.ofThisProcess().minus(brokerBefore);
      postgresCpu = CpuTime.of(queue.server()).minus(postgresBefore);
    }
    if (queue.results() != steps) {
      throw new IllegalStateException(queue.results() + " results for " + steps + " steps");
    }
    var elapsed = recorder.elapsed();
    return new Flood(
        steps / (elapsed.toNanos() / 1e9),
        elapsed,
        brokerCpu,
        postgresCpu,
        recorder.averageBatch(),
        queue.result(),
        queue.latencies());
  }

  /** Sends single steps at a fixed rate to a running broker. */
  static Latencies stream(
      BenchQueue queue, String engine, String workload, int perSecond, Duration duration)
      throws InterruptedException, SQLException {
    queue.empty();
    long interval = 1_000_000_000L / perSecond;
    long steps = duration.toNanos() / interval;
    var recorder = new ThroughputRecorder(workload, steps);
    try (var _ = Broker.start(config(queue, engine), recorder);
        var database = Database.open(queue.database(), "bench stream")) {
      var pgmq = new Pgmq(database);
      recorder.awaitCompiled();
      long start = System.nanoTime();
      for (long i = 0; i < steps; i++) {
        long due = start + i * interval;
        while (System.nanoTime() < due) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        queue.send(pgmq, workload, 1);
      }
      recorder.awaitAll();
    }
    return queue.latencies();
  }

  private static BrokerConfig config(BenchQueue queue, String engine) {
    var dispatch = DispatchConfig.DEFAULTS;
    return new BrokerConfig(
        queue.database(),
        ProtocolName.STANDALONE,
        queue.queues(),
        TaskerConfig.DEFAULTS,
        IntakeConfig.DEFAULTS,
        dispatch,
        EgressConfig.DEFAULTS,
        ReportConfig.DEFAULTS,
        Limits.DEFAULTS,
        PolicyConfig.none(Limits.DEFAULTS),
        BenchGuest.engine(engine),
        queue.engine(dispatch.slots()),
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
