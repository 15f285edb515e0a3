package org.wasmbroker.app;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueInspector;
import org.wasmbroker.pgmq.QueueMetrics;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.micrometer.DatabaseMeters;
import org.wasmbroker.telemetry.micrometer.DatabaseMeters.HorizonGauges;
import org.wasmbroker.telemetry.micrometer.DatabaseMeters.QueueGauges;
import org.wasmbroker.telemetry.micrometer.DatabaseMeters.TableGauges;

/**
 * Measures the queues at an interval, on a thread of its own: a scrape reads what was measured
 * last, so that neither waits for the other.
 */
final class QueueMonitor implements AutoCloseable {
  private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(2);

  private final Duration interval;
  private final QueueSampler sampler;
  private final QueueDepths depths;
  private final TaskLoop loop;

  /** An interval of zero means never, except where a page asks for it. */
  QueueMonitor(BrokerConfig config, Database queues) {
    this.interval = config.http().queueInterval();
    this.sampler =
        new QueueSampler(
            new QueueInspector(queues, STATEMENT_TIMEOUT),
            Protocols.monitoredQueues(config),
            TimeSource.SYSTEM);
    this.depths = new QueueDepths(sampler.queues(), _ -> lengths(sampler.measure()));
    this.loop = new TaskLoop("queue-metrics", this::run);
  }

  /** The depths of the queues as of the latest measurement, whoever wanted it. */
  QueueDepths depths() {
    return depths;
  }

  private static Map<QueueName, QueueMetrics> lengths(QueueSampler.Sample sample) {
    var lengths = new HashMap<QueueName, QueueMetrics>();
    sample
        .queues()
        .forEach(
            (queue, state) ->
                lengths.put(
                    queue,
                    new QueueMetrics(
                        (long) state.depth(), Duration.ofSeconds((long) state.oldestSeconds()))));
    return lengths;
  }

  /** Registers the gauges, and begins to measure; does nothing if the interval is zero. */
  void start(DatabaseMeters meters) {
    if (interval.isZero()) {
      return;
    }
    sampler.queues().forEach(queue -> meters.registerQueue(queue.value(), gauges(queue)));
    sampler.tables().forEach(table -> meters.registerTable(table, gauges(table)));
    meters.register(
        new HorizonGauges(
            () -> sampler.horizon().oldestSeconds(),
            () -> sampler.horizon().transactions(),
            sampler::failures));
    loop.start();
  }

  private QueueGauges gauges(QueueName queue) {
    return new QueueGauges(
        () -> sampler.queue(queue).depth(),
        () -> sampler.queue(queue).visible(),
        () -> sampler.queue(queue).inFlight(),
        () -> sampler.queue(queue).delayed(),
        () -> sampler.queue(queue).oldestSeconds(),
        () -> sampler.queue(queue).oldestVisibleSeconds(),
        () -> sampler.table(QueueSampler.archive(queue)).liveRows());
  }

  private TableGauges gauges(String table) {
    return new TableGauges(
        () -> sampler.table(table).bytes(),
        () -> sampler.table(table).indexBytes(),
        () -> sampler.table(table).liveRows(),
        () -> sampler.table(table).deadRows(),
        () -> sampler.table(table).vacuumSeconds());
  }

  private Duration run() {
    var _ = depths.refresh();
    return interval;
  }

  @Override
  public void close() {
    loop.close();
  }
}
