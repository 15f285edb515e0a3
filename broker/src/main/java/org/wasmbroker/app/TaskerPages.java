package org.wasmbroker.app;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.tasker.Namespace;

/**
 * The pages of a Tasker worker, in the formats of Tasker's own workers, so that existing monitoring
 * works unchanged. The broker's additional checks and metrics appear next to Tasker's.
 */
final class TaskerPages implements Pages {
  /** The checks that Tasker defines, and requires before a worker counts as ready. */
  static final String DATABASE = "database";

  static final String PROCESSOR = "command_processor";
  static final String QUEUES = "queue_processing";
  static final String INTAKE = "event_system";
  static final String STEPS = "step_processing";
  static final String BREAKERS = "circuit_breakers";

  private static final List<String> EVENT_BUS_COUNTERS =
      List.of(
          "total_events_dispatched",
          "rust_handler_dispatches",
          "ffi_channel_dispatches",
          "rust_handler_errors",
          "ffi_channel_drops",
          "rust_subscriber_patterns",
          "rust_handler_count",
          "ffi_subscriber_count");
  private static final String TEMPLATES = "/v1/templates";
  private static final String VALIDATE = "/validate";

  private final TaskerWorker worker;
  private final MetricsPage metrics;
  private final Health health;
  private final TemplatePages templates;

  /**
   * The worker's properties that Tasker's formats contain.
   *
   * @param id the worker's id in Tasker's tables
   * @param environment Tasker's environment, such as {@code production}
   * @param active whether steps are being processed
   */
  record TaskerWorker(
      String id,
      String version,
      String environment,
      int poolSize,
      List<Namespace> namespaces,
      BooleanSupplier active,
      StageHealth stageHealth,
      TaskerMetrics metrics) {
    List<String> namespaceNames() {
      return namespaces.stream().map(Namespace::value).toList();
    }
  }

  TaskerPages(TaskerWorker worker, MetricsPage metrics, Health health, TemplatePages templates) {
    this.worker = worker;
    this.metrics = metrics;
    this.health = health;
    this.templates = templates;
  }

  @Override
  public @Nullable Response get(String path, @Nullable String accept) throws InterruptedException {
    return switch (path) {
      case "/health" -> basic("healthy");
      case "/health/live" -> basic("alive");
      case "/health/ready" -> ready(health.report());
      case "/health/detailed" -> detailed(health.report());
      case "/metrics" -> metrics.respond(accept);
      case "/metrics/worker" -> {
        metrics.countQueues();
        yield withTimestamp("metrics", worker.metrics().values());
      }
      case "/metrics/events" -> events();
      case TEMPLATES -> templates.list();
      default -> path.startsWith(TEMPLATES + "/") ? templates.get(templatePath(path)) : null;
    };
  }

  @Override
  public @Nullable Response post(String path) {
    return path.startsWith(TEMPLATES + "/") && path.endsWith(VALIDATE)
        ? templates.validate(templatePath(path.substring(0, path.length() - VALIDATE.length())))
        : null;
  }

  @Override
  public String usage() {
    return "available: /health, /health/live, /health/ready, /health/detailed, /metrics,"
        + " /metrics/worker, /metrics/events, /v1/templates";
  }

  private static List<String> templatePath(String path) {
    return List.of(path.substring(TEMPLATES.length() + 1).split("/", -1));
  }

  /** All events are published to queues; there are no listeners within the worker. */
  private Response events() {
    long published = worker.stageHealth().eventsPublished();
    var router = new LinkedHashMap<String, Object>();
    router.put("total_routed", published);
    router.put("durable_routed", published);
    router.put("fast_routed", 0);
    router.put("broadcast_routed", 0);
    router.put("fast_delivery_errors", 0);
    router.put("routing_errors", worker.stageHealth().eventsFailed());
    var bus = new LinkedHashMap<String, Object>();
    for (var name : EVENT_BUS_COUNTERS) {
      bus.put(name, 0);
    }
    var body = new LinkedHashMap<String, Object>();
    body.put("router", router);
    body.put("in_process_bus", bus);
    body.put("captured_at", Instant.now().toString());
    body.put("worker_id", worker.id());
    return Response.json(200, body);
  }

  private Response basic(String status) {
    return withTimestamp("status", status);
  }

  private Response withTimestamp(String name, Object value) {
    var body = new LinkedHashMap<String, Object>();
    body.put(name, value);
    body.put("timestamp", Instant.now().toString());
    body.put("worker_id", worker.id());
    return Response.json(200, body);
  }

  private Response ready(Health.Report report) {
    var failing = report.checks().stream().filter(line -> !line.result().ok()).toList();
    if (!failing.isEmpty()) {
      return notReady(failing);
    }
    var body = new LinkedHashMap<String, Object>();
    body.put("status", "ready");
    body.put("timestamp", Instant.now().toString());
    body.put("worker_id", worker.id());
    body.put("checks", checks(report));
    body.put("system_info", systemInfo(report.uptime()));
    return Response.json(200, body);
  }

  private static Response notReady(List<Health.CheckReport> failing) {
    var why =
        failing.stream()
            .map(line -> line.name() + ": " + line.result().detail())
            .collect(Collectors.joining("; "));
    var body = new LinkedHashMap<String, @Nullable Object>();
    body.put("error", "service_unavailable");
    body.put("message", "Worker is not ready to process steps (" + why + ")");
    body.put("timestamp", Instant.now().toString());
    body.put("request_id", null);
    return Response.json(503, body);
  }

  private Response detailed(Health.Report report) {
    boolean healthy =
        report.checks().stream().allMatch(line -> line.result().state() == HealthCheck.State.OK);
    var body = new LinkedHashMap<String, Object>();
    body.put("status", healthy ? "healthy" : "degraded");
    body.put("timestamp", Instant.now().toString());
    body.put("worker_id", worker.id());
    body.put("checks", checks(report));
    body.put("system_info", systemInfo(report.uptime()));
    body.put("distributed_cache", Map.of("enabled", false, "provider", "none", "healthy", true));
    return Response.json(200, body);
  }

  private static Map<String, Object> checks(Health.Report report) {
    var checks = new LinkedHashMap<String, Object>();
    for (var line : report.checks()) {
      var check = new LinkedHashMap<String, Object>();
      check.put(
          "status",
          switch (line.result().state()) {
            case OK -> "healthy";
            case DEGRADED -> "degraded";
            case FAILING -> "unhealthy";
          });
      check.put("message", line.result().detail());
      check.put("duration_ms", line.took().toMillis());
      check.put("last_checked", line.at().toString());
      checks.put(line.name(), check);
    }
    return checks;
  }

  private Map<String, Object> systemInfo(Duration uptime) {
    var info = new LinkedHashMap<String, Object>();
    info.put("version", worker.version());
    info.put("environment", worker.environment());
    info.put("uptime_seconds", uptime.toSeconds());
    info.put("worker_type", TaskerMetrics.WORKER_TYPE);
    info.put("database_pool_size", worker.poolSize());
    info.put("command_processor_active", worker.active().getAsBoolean());
    info.put("supported_namespaces", worker.namespaceNames());
    return info;
  }
}
