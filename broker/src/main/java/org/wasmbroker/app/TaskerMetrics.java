package org.wasmbroker.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.telemetry.micrometer.WorkerSeries;

/** The metrics of Tasker's own workers, for both metrics pages. */
final class TaskerMetrics {
  static final String WORKER_TYPE = "command_processor";

  private final List<WorkerSeries> series = new ArrayList<>();

  /**
   * @param workerId the worker's id in Tasker's tables
   * @param backlog the fill level of the report backlog, 0 to 1
   */
  TaskerMetrics(
      String workerId,
      String version,
      int poolSize,
      DoubleSupplier uptimeSeconds,
      DoubleSupplier backlog,
      QueueDepths depths,
      Map<String, QueueName> queueByNamespace) {
    add(
        "tasker_worker_info",
        "gauge",
        "Identifies the worker; always 1.",
        Map.of("version", version, "worker_id", workerId, "worker_type", WORKER_TYPE),
        () -> 1);
    add(
        "tasker_worker_uptime_seconds",
        "counter",
        "Seconds since the worker started.",
        Map.of(),
        uptimeSeconds);
    add(
        "tasker_worker_db_pool_size",
        "gauge",
        "Maximum number of database connections.",
        Map.of(),
        () -> poolSize);
    queueByNamespace.forEach(
        (namespace, queue) -> {
          add(
              "tasker_worker_queue_depth",
              "gauge",
              "Messages in the queue of a namespace.",
              Map.of("namespace", namespace),
              () -> depths.depth(queue));
          add(
              "tasker_worker_queue_oldest_message_age_seconds",
              "gauge",
              "Age of the oldest message in the queue of a namespace.",
              Map.of("namespace", namespace),
              () -> depths.oldestSeconds(queue));
        });
    add(
        "tasker_worker_channel_health",
        "gauge",
        "Fill level of the report backlog: 0 normal, 1 nearly full, 2 full.",
        Map.of("channel_name", "report_backlog", "component", "report"),
        () -> backlog.getAsDouble() >= 1 ? 2 : backlog.getAsDouble() >= 0.8 ? 1 : 0);
  }

  private void add(
      String name, String type, String help, Map<String, String> labels, DoubleSupplier value) {
    series.add(new WorkerSeries(name, type, help, labels, value));
  }

  List<WorkerSeries> series() {
    return series;
  }

  /** In the format of {@code /metrics/worker}; the name of a series includes its namespace. */
  Map<String, Object> values() {
    var values = new LinkedHashMap<String, Object>();
    for (var one : series) {
      double value = one.value().getAsDouble();
      if (!Double.isNaN(value)) {
        var metric = new LinkedHashMap<String, Object>();
        metric.put("value", value);
        metric.put("metric_type", one.type());
        metric.put("labels", one.labels());
        metric.put("help", one.help());
        var namespace = one.labels().get("namespace");
        values.put(namespace == null ? one.name() : one.name() + "." + namespace, metric);
      }
    }
    return values;
  }
}
