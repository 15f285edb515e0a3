package org.wasmbroker.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.wasmbroker.telemetry.micrometer.WorkerSeries;

/** The series of Tasker's own workers, for both of their pages. */
final class TaskerMetrics {
  static final String WORKER_TYPE = "command_processor";

  private final List<WorkerSeries> series = new ArrayList<>();

  /**
   * @param workerId the id that stands in Tasker's rows
   * @param uptimeSeconds since the start
   * @param backlog the share of the report backlog that is taken
   */
  TaskerMetrics(
      String workerId,
      String version,
      int poolSize,
      DoubleSupplier uptimeSeconds,
      DoubleSupplier backlog,
      QueueDepths depths,
      Map<String, org.wasmbroker.pgmq.QueueName> queueByNamespace) {
    add(
        "tasker_worker_info",
        "gauge",
        "Which worker this is; always 1.",
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
        "Connections to the database at most.",
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
        "How full the backlog of results is: 0 has room, 1 is nearly full, 2 is full.",
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

  /** As {@code /metrics/worker} has them; a series with a namespace is named with it. */
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
