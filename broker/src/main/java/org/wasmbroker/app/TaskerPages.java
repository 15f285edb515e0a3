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
 * The pages of one of Tasker's workers, in the shapes of Tasker's own: whoever watches those
 * watches this one without a change. What the broker knows beyond them stands in the same places,
 * as checks and metrics of more names.
 */
final class TaskerPages implements Pages {
  /** The checks that Tasker names, and asks of a worker before it counts as ready. */
  static final String DATABASE = "database";

  static final String PROCESSOR = "command_processor";
  static final String QUEUES = "queue_processing";
  static final String INTAKE = "event_system";
  static final String STEPS = "step_processing";
  static final String BREAKERS = "circuit_breakers";

  private static final List<String> BUS =
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
   * What this worker is, as Tasker's shapes tell it.
   *
   * @param id the worker's id in Tasker's rows
   * @param environment what Tasker calls one, such as {@code production}
   * @param active whether steps are being taken
   */
  record TaskerWorker(
      String id,
      String version,
      String environment,
      int poolSize,
      List<Namespace> namespaces,
      BooleanSupplier active,
      Pulse pulse,
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
  public @Nullable Answer get(String path, @Nullable String accept) throws InterruptedException {
    return switch (path) {
      case "/health" -> basic("healthy");
      case "/health/live" -> basic("alive");
      case "/health/ready" -> ready(health.report());
      case "/health/detailed" -> detailed(health.report());
      case "/metrics" -> metrics.answer(accept);
      case "/metrics/worker" -> {
        metrics.countQueues();
        yield stamped("metrics", worker.metrics().values());
      }
      case "/metrics/events" -> events();
      case TEMPLATES -> templates.list();
      default -> path.startsWith(TEMPLATES + "/") ? templates.one(path(path)) : null;
    };
  }

  @Override
  public @Nullable Answer post(String path) {
    return path.startsWith(TEMPLATES + "/") && path.endsWith(VALIDATE)
        ? templates.validate(path(path.substring(0, path.length() - VALIDATE.length())))
        : null;
  }

  @Override
  public String directions() {
    return "here are /health, /health/live, /health/ready, /health/detailed, /metrics,"
        + " /metrics/worker, /metrics/events and /v1/templates";
  }

  private static List<String> path(String path) {
    return List.of(path.substring(TEMPLATES.length() + 1).split("/", -1));
  }

  /** All events go to queues here; there are no listeners within the worker. */
  private Answer events() {
    long published = worker.pulse().published();
    var router = new LinkedHashMap<String, Object>();
    router.put("total_routed", published);
    router.put("durable_routed", published);
    router.put("fast_routed", 0);
    router.put("broadcast_routed", 0);
    router.put("fast_delivery_errors", 0);
    router.put("routing_errors", worker.pulse().unpublished());
    var bus = new LinkedHashMap<String, Object>();
    for (var name : BUS) {
      bus.put(name, 0);
    }
    var answer = new LinkedHashMap<String, Object>();
    answer.put("router", router);
    answer.put("in_process_bus", bus);
    answer.put("captured_at", Instant.now().toString());
    answer.put("worker_id", worker.id());
    return Answer.json(200, answer);
  }

  private Answer basic(String status) {
    return stamped("status", status);
  }

  private Answer stamped(String name, Object value) {
    var answer = new LinkedHashMap<String, Object>();
    answer.put(name, value);
    answer.put("timestamp", Instant.now().toString());
    answer.put("worker_id", worker.id());
    return Answer.json(200, answer);
  }

  private Answer ready(Health.Report report) {
    var failing = report.checks().stream().filter(line -> !line.finding().ok()).toList();
    if (!failing.isEmpty()) {
      return unready(failing);
    }
    var answer = new LinkedHashMap<String, Object>();
    answer.put("status", "ready");
    answer.put("timestamp", Instant.now().toString());
    answer.put("worker_id", worker.id());
    answer.put("checks", checks(report));
    answer.put("system_info", systemInfo(report.uptime()));
    return Answer.json(200, answer);
  }

  private static Answer unready(List<Health.Line> failing) {
    var why =
        failing.stream()
            .map(line -> line.name() + ": " + line.finding().detail())
            .collect(Collectors.joining("; "));
    var answer = new LinkedHashMap<String, @Nullable Object>();
    answer.put("error", "service_unavailable");
    answer.put("message", "Worker is not ready to process steps (" + why + ")");
    answer.put("timestamp", Instant.now().toString());
    answer.put("request_id", null);
    return Answer.json(503, answer);
  }

  private Answer detailed(Health.Report report) {
    boolean healthy =
        report.checks().stream().allMatch(line -> line.finding().state() == HealthCheck.State.OK);
    var answer = new LinkedHashMap<String, Object>();
    answer.put("status", healthy ? "healthy" : "degraded");
    answer.put("timestamp", Instant.now().toString());
    answer.put("worker_id", worker.id());
    answer.put("checks", checks(report));
    answer.put("system_info", systemInfo(report.uptime()));
    answer.put("distributed_cache", Map.of("enabled", false, "provider", "none", "healthy", true));
    return Answer.json(200, answer);
  }

  private static Map<String, Object> checks(Health.Report report) {
    var checks = new LinkedHashMap<String, Object>();
    for (var line : report.checks()) {
      var check = new LinkedHashMap<String, Object>();
      check.put(
          "status",
          switch (line.finding().state()) {
            case OK -> "healthy";
            case STRAINED -> "degraded";
            case FAILING -> "unhealthy";
          });
      check.put("message", line.finding().detail());
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
