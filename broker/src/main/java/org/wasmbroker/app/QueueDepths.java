package org.wasmbroker.app;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.pgmq.QueueMetrics;
import org.wasmbroker.pgmq.QueueName;

/**
 * The number of messages in the queues, as of the latest refresh: at an interval ({@link
 * QueueMonitor}), and when a page asks, but then rarely ({@link CachedCheck}).
 */
final class QueueDepths {
  private static final long DEGRADED_DEPTH = 10_000;

  private final List<QueueName> queues;
  private final Function<List<QueueName>, Map<QueueName, QueueMetrics>> count;
  private volatile Map<QueueName, QueueMetrics> latest = Map.of();

  /**
   * @param count counts the messages of the existing queues; may take long or throw
   */
  QueueDepths(
      List<QueueName> queues, Function<List<QueueName>, Map<QueueName, QueueMetrics>> count) {
    this.queues = queues;
    this.count = count;
  }

  List<QueueName> queues() {
    return queues;
  }

  /** Counts the messages again. */
  Result refresh() {
    var counted = counted();
    latest = counted;
    var missing = queues.stream().filter(queue -> !counted.containsKey(queue)).toList();
    if (!missing.isEmpty()) {
      return Result.failing("missing: " + missing);
    }
    long total = counted.values().stream().mapToLong(QueueMetrics::length).sum();
    var detail = "Queue processing available, total depth: " + total;
    return total < DEGRADED_DEPTH ? Result.ok(detail) : Result.degraded(detail);
  }

  private Map<QueueName, QueueMetrics> counted() {
    try {
      return count.apply(queues);
    } catch (RuntimeException | Error failure) {
      latest = Map.of(); // old numbers would look current
      throw failure;
    }
  }

  /** The number of messages in a queue; NaN while unknown. */
  double depth(QueueName queue) {
    var metrics = latest.get(queue);
    return metrics == null ? Double.NaN : metrics.length();
  }

  /** The age of a queue's oldest message in seconds; NaN while unknown. */
  double oldestSeconds(QueueName queue) {
    var metrics = latest.get(queue);
    return metrics == null ? Double.NaN : metrics.oldest().toSeconds();
  }
}
