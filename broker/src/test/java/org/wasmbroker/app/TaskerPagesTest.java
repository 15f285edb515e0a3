package org.wasmbroker.app;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.QueueMetrics;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.protocol.tasker.registration.TemplateStore;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.telemetry.TaskerEvent;
import org.wasmbroker.telemetry.micrometer.KnownValues;
import org.wasmbroker.telemetry.micrometer.PrometheusMetrics;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The response formats of Tasker's own worker, which existing monitoring reads. */
class TaskerPagesTest {
  private static final String WORKER = "0199d6a2-6c1e-7d1a-a1f0-0a4b5c6d7e8f";
  private static final QueueName QUEUE = new QueueName("worker_catalog_queue");
  private static final List<String> CHECKS =
      List.of(
          "database",
          "command_processor",
          "queue_processing",
          "event_system",
          "step_processing",
          "circuit_breakers");

  private final AtomicReference<Result> database = new AtomicReference<>(Result.ok("reachable"));
  private final AtomicReference<Map<QueueName, QueueMetrics>> counted =
      new AtomicReference<>(Map.of(QUEUE, new QueueMetrics(7, Duration.ofSeconds(90))));
  private final QueueDepths depths = new QueueDepths(List.of(QUEUE), queues -> counted.get());
  private final PrometheusMetrics metrics = new PrometheusMetrics("0.1.0", KnownValues.NONE);
  private final Database nowhere =
      Database.open(
          new DatabaseConfig(
              "jdbc:postgresql://127.0.0.1:1/none",
              null,
              null,
              2,
              Duration.ofSeconds(1),
              Duration.ofSeconds(1)),
          "test");
  private final StageHealth stageHealth = new StageHealth();
  private final HttpRoutes routes = new HttpRoutes(pages());

  @AfterEach
  void close() {
    nowhere.close();
    metrics.close();
  }

  @Test
  void healthIsBasic() throws Exception {
    var health = json(get("/health", 200));

    assertThat(health.propertyNames()).containsExactly("status", "timestamp", "worker_id");
    assertThat(health.get("status").asString()).isEqualTo("healthy");
    assertThat(health.get("worker_id").asString()).isEqualTo(WORKER);
    assertThat(Instant.parse(health.get("timestamp").asString())).isAfter(Instant.EPOCH);
    assertThat(json(get("/health/live", 200)).get("status").asString()).isEqualTo("alive");
  }

  @Test
  void readinessListsChecksAndSystemInfo() throws Exception {
    var ready = json(get("/health/ready", 200));

    assertThat(ready.propertyNames())
        .containsExactly("status", "timestamp", "worker_id", "checks", "system_info");
    assertThat(ready.get("status").asString()).isEqualTo("ready");
    var check = ready.get("checks").get("database");
    assertThat(check.propertyNames())
        .containsExactly("status", "message", "duration_ms", "last_checked");
    assertThat(check.get("status").asString()).isEqualTo("healthy");
    assertThat(check.get("duration_ms").isIntegralNumber()).isTrue();
    assertThat(Instant.parse(check.get("last_checked").asString())).isAfter(Instant.EPOCH);
    assertThat(ready.get("system_info").propertyNames())
        .containsExactly(
            "version",
            "environment",
            "uptime_seconds",
            "worker_type",
            "database_pool_size",
            "command_processor_active",
            "supported_namespaces");
    assertThat(ready.get("system_info").get("supported_namespaces").get(0).asString())
        .isEqualTo("catalog");
  }

  @Test
  void aWorkerThatIsNotReadyExplainsWhyInTaskersFormat() throws Exception {
    database.set(Result.failing("connection refused"));

    var response = json(get("/health/ready", 503));

    assertThat(response.propertyNames())
        .containsExactly("error", "message", "timestamp", "request_id");
    assertThat(response.get("error").asString()).isEqualTo("service_unavailable");
    assertThat(response.get("message").asString())
        .startsWith("Worker is not ready to process steps")
        .contains("database: connection refused");
    assertThat(response.get("request_id").isNull()).isTrue();
  }

  @Test
  void aDeepQueueIsDegradedAndStillReady() throws Exception {
    counted.set(Map.of(QUEUE, new QueueMetrics(10_000, Duration.ZERO)));

    assertThat(get("/health/ready", 200)).isNotNull();
    var detailed = json(get("/health/detailed", 200));
    assertThat(detailed.get("status").asString()).isEqualTo("degraded");
    assertThat(detailed.get("checks").get("queue_processing").get("status").asString())
        .isEqualTo("degraded");
  }

  @Test
  void detailedHealthHasTaskersChecksAndOurs() throws Exception {
    var detailed = json(get("/health/detailed", 200));

    assertThat(detailed.propertyNames())
        .containsExactly(
            "status", "timestamp", "worker_id", "checks", "system_info", "distributed_cache");
    assertThat(detailed.get("status").asString()).isEqualTo("healthy");
    assertThat(detailed.get("checks").propertyNames()).containsAll(CHECKS).contains("engine");
    assertThat(detailed.get("distributed_cache").propertyNames())
        .containsExactlyInAnyOrder("enabled", "provider", "healthy");
  }

  @Test
  void detailedHealthRespondsWhenACheckFails() throws Exception {
    database.set(Result.failing("connection refused"));

    var detailed = json(get("/health/detailed", 200));

    assertThat(detailed.get("status").asString()).isEqualTo("degraded");
    assertThat(detailed.get("checks").get("database").get("status").asString())
        .isEqualTo("unhealthy");
  }

  @Test
  void metricsIncludeTaskersSeriesAndOurs() throws Exception {
    var _ = depths.refresh();

    assertThat(text(get("/metrics", 200)))
        .contains(
            "tasker_worker_info{version=\"0.1.0\",worker_id=\"%s\",worker_type=\"command_processor\"} 1"
                .formatted(WORKER),
            "tasker_worker_uptime_seconds 42.0",
            "tasker_worker_db_pool_size 5.0",
            "tasker_worker_queue_depth{namespace=\"catalog\"} 7.0",
            "tasker_worker_queue_oldest_message_age_seconds{namespace=\"catalog\"} 90.0",
            "tasker_worker_channel_health{channel_name=\"report_backlog\",component=\"report\"}"
                + " 0.0",
            "wasm_broker_build_info");
  }

  @Test
  void workerMetricsAreTheSameAsJson() throws Exception {
    var response = json(get("/metrics/worker", 200));

    assertThat(response.propertyNames()).containsExactly("metrics", "timestamp", "worker_id");
    var depth = response.get("metrics").get("tasker_worker_queue_depth.catalog");
    assertThat(depth.propertyNames()).containsExactly("value", "metric_type", "labels", "help");
    assertThat(depth.get("value").asDouble()).isEqualTo(7);
    assertThat(depth.get("labels").get("namespace").asString()).isEqualTo("catalog");
    assertThat(
            response
                .get("metrics")
                .get("tasker_worker_uptime_seconds")
                .get("metric_type")
                .asString())
        .isEqualTo("counter");
  }

  @Test
  void publishedDomainEventsAreCounted() throws Exception {
    stageHealth.on(new TaskerEvent.DomainEventsPublished(3));
    stageHealth.on(new TaskerEvent.DomainEventFailed("order.paid", "too large"));

    var response = json(get("/metrics/events", 200));

    assertThat(response.propertyNames())
        .containsExactly("router", "in_process_bus", "captured_at", "worker_id");
    assertThat(response.get("router").get("durable_routed").asInt()).isEqualTo(3);
    assertThat(response.get("router").get("routing_errors").asInt()).isEqualTo(1);
    assertThat(response.get("in_process_bus").get("total_events_dispatched").asInt()).isZero();
  }

  @Test
  void aQueueThatCannotBeCountedHasNoDepth() throws Exception {
    counted.set(Map.of());

    assertThat(text(get("/metrics", 200)))
        .contains("tasker_worker_queue_depth{namespace=\"catalog\"} NaN");
    assertThat(json(get("/metrics/worker", 200)).get("metrics").propertyNames())
        .doesNotContain("tasker_worker_queue_depth.catalog");
    assertThat(json(get("/health/detailed", 200)).get("checks").get("queue_processing").toString())
        .contains("unhealthy", "worker_catalog_queue");
  }

  @Test
  void templatesAreUnavailableWithoutTheDatabase() throws Exception {
    assertThat(json(get("/v1/templates", 503)).get("error").asString())
        .isEqualTo("service_unavailable");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/metrics/other", "/v1", "/health/other", "/v1/templates/a/b"})
  void otherPathsAreNotFound(String path) throws Exception {
    assertThat(json(get(path, 404)).get("error").asString()).isEqualTo("not_found");
  }

  /** To validate a template is to read it; nothing can be changed over HTTP. */
  @Test
  void otherMethodsAreNotAllowed() throws Exception {
    for (var path :
        List.of(
            "/",
            "/health",
            "/health/live",
            "/health/ready",
            "/health/detailed",
            "/metrics",
            "/metrics/worker",
            "/metrics/events",
            "/v1/templates",
            "/v1/templates/a/b/1.0.0")) {
      for (var method :
          List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "X")) {
        assertThat(routes.respond(method, path, null).status())
            .as(method + " " + path)
            .isEqualTo(405);
      }
    }
  }

  private Pages pages() {
    var series =
        new TaskerMetrics(
            WORKER, "0.1.0", 5, () -> 42, () -> 0.5, depths, Map.of("catalog", QUEUE));
    metrics.register(series.series());
    var namespaces = List.of(new Namespace("catalog"));
    return new TaskerPages(
        new TaskerPages.TaskerWorker(
            WORKER, "0.1.0", "test", 5, namespaces, () -> true, stageHealth, series),
        TestPages.metricsPage(metrics, depths, Runnable::run),
        TestPages.health(
            List.of(
                new HealthCheck("database", database::get),
                new HealthCheck("command_processor", () -> Result.ok("taking steps")),
                new HealthCheck("queue_processing", depths::refresh),
                new HealthCheck("event_system", stageHealth::intake),
                new HealthCheck("step_processing", stageHealth::steps),
                new HealthCheck("circuit_breakers", () -> Result.ok("not used")),
                new HealthCheck("engine", () -> Result.ok("wasmtime"))),
            Runnable::run),
        new TemplatePages(
            new TemplateStore(nowhere),
            namespaces,
            new TemplateCheck(handler -> new Resolution.Unknown("no handler")),
            "test"));
  }

  private Response get(String path, int status) throws InterruptedException {
    var response = routes.respond("GET", path, null);
    assertThat(response.status()).as(text(response)).isEqualTo(status);
    return response;
  }

  private static String text(Response response) {
    return new String(response.body().bytes(), java.nio.charset.StandardCharsets.UTF_8);
  }

  private static JsonNode json(Response response) {
    return requireNonNull(JsonMapper.shared().readTree(text(response)));
  }
}
