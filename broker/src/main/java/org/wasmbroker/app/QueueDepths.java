package org.wasmbroker.app;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.pgmq.QueueMetrics;
import org.wasmbroker.pgmq.QueueName;

/**
 * How many messages wait in the queues, as of the latest look. Counting them costs the database
 * something, so nobody looks but who is asked for it, and seldom ({@link CachedCheck}).
 */
final class QueueDepths {
  private static final long DEGRADED_DEPTH = 10_000;

  private final List<QueueName> queues;
  private final Function<List<QueueName>, Map<QueueName, QueueMetrics>> count;
  private volatile Map<QueueName, QueueMetrics> latest = Map.of();

  /**
   * @param count counts the messages of those queues that exist; may take long or throw
   */
  QueueDepths(
      List<QueueName> queues, Function<List<QueueName>, Map<QueueName, QueueMetrics>> count) {
    this.queues = queues;
    this.count = count;
  }

  List<QueueName> queues() {
    return queues;
  }

  /** Counts anew. */
  Result refresh() {
    latest = Map.of(); // old numbers would look like true ones if this fails
    var counted = count.apply(queues);
    latest = counted;
    var missing = queues.stream().filter(queue -> !counted.containsKey(queue)).toList();
    if (!missing.isEmpty()) {
      return Result.failing("missing: " + missing);
    }
    long total = counted.values().stream().mapToLong(QueueMetrics::length).sum();
    var detail = "Queue processing available, total depth: " + total;
    return total < DEGRADED_DEPTH ? Result.ok(detail) : Result.degraded(detail);
  }

  /** The messages of a queue; not a number where that is not known. */
  double depth(QueueName queue) {
    var metrics = latest.get(queue);
    return metrics == null ? Double.NaN : metrics.length();
  }

  /** The age of a queue's oldest message in seconds; not a number where that is not known. */
  double oldestSeconds(QueueName queue) {
    var metrics = latest.get(queue);
    return metrics == null ? Double.NaN : metrics.oldest().toSeconds();
  }
}
