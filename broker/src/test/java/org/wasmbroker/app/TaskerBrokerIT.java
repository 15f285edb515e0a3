package org.wasmbroker.app;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ReportEvent;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TaskerRows;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole broker as one of Tasker's workers, seen from outside. */
class TaskerBrokerIT {
  private static final String TEMPLATE =
      """
      {"name":"%s","namespace_name":"catalog","version":"1.0.0","steps":[
        {"name":"only","handler":{"callable":"%s","initialization":{"filter":".context.n + 1"}}}]}\
      """;

  private TaskerDatabase database;
  private FakeOrchestrator orchestrator;
  private HttpClient client;

  @BeforeEach
  void setUp() {
    database = TaskerDatabase.create();
    orchestrator = new FakeOrchestrator(database);
    client = HttpClient.newHttpClient();
  }

  @AfterEach
  void tearDown() {
    client.close();
    database.close();
  }

  @Test
  void stepsRunUnderTheWorkerIdThatTheEndpointsShow() throws Exception {
    var written = new CountDownLatch(1);
    EventSink events =
        event -> {
          if (event instanceof ReportEvent.Written) {
            written.countDown();
          }
        };
    try (var broker = Broker.start(config(), events)) {
      var step = orchestrator.submit(TEMPLATE.formatted("plus", "transform"), "{\"n\":1}").step();
      assertThat(written.await(5, TimeUnit.MINUTES)).isTrue();

      var rows = new TaskerRows(database);
      assertThat(rows.results(step).path("result").asInt()).isEqualTo(2);
      var health = json(get(broker, "/health"));
      assertThat(rows.audits(step))
          .extracting(TaskerRows.Audit::worker)
          .containsExactly(UUID.fromString(health.get("worker_id").asString()));
      // What cannot be measured in time is not there for a moment.
      awaitPage(broker, "/metrics/worker", "tasker_worker_queue_depth");
      awaitPage(
          broker,
          "/metrics",
          "worker_id=\"" + health.get("worker_id").asString() + "\"",
          "tasker_worker_queue_depth{namespace=\"catalog\"} 0.0",
          "wasm_broker_queue_depth{queue=\"worker_catalog_queue\"} 0.0");
      Await.until(
          "ready",
          () -> json(get(broker, "/health/ready")).path("status").asString("").equals("ready"));
      Await.until(
          "healthy",
          () ->
              json(get(broker, "/health/detailed")).path("status").asString("").equals("healthy"));
    }
  }

  @Test
  void templatesAreListedAndValidatedAgainstTheModules() throws Exception {
    orchestrator.register(TEMPLATE.formatted("good", "transform"));
    orchestrator.register(TEMPLATE.formatted("bad", "transfrom"));
    orchestrator.register(TEMPLATE.formatted("other", "x").replace("catalog", "elsewhere"));
    try (var broker = Broker.start(config())) {
      var list = json(get(broker, "/v1/templates"));
      assertThat(list.get("supported_namespaces").get(0).asString()).isEqualTo("catalog");
      assertThat(list.get("template_count").asInt()).isEqualTo(2);
      assertThat(list.get("worker_capabilities").isArray()).isTrue();

      var one = json(get(broker, "/v1/templates/catalog/good/1.0.0"));
      assertThat(one.propertyNames())
          .containsExactly(
              "template", "handler_metadata", "cached", "cache_age_seconds", "access_count");
      assertThat(one.get("template").get("template").get("name").asString()).isEqualTo("good");
      assertThat(one.get("handler_metadata").propertyNames())
          .containsExactly(
              "namespace",
              "name",
              "version",
              "handler_class",
              "config_schema",
              "default_dependent_system",
              "registered_at");

      var good = json(post(broker, "/v1/templates/catalog/good/1.0.0/validate"));
      assertThat(good.propertyNames())
          .containsExactly("valid", "errors", "required_capabilities", "step_handlers");
      assertThat(good.get("valid").asBoolean()).isTrue();
      assertThat(good.get("step_handlers").get(0).asString()).isEqualTo("transform");
      var bad = json(post(broker, "/v1/templates/catalog/bad/1.0.0/validate"));
      assertThat(bad.get("valid").asBoolean()).isFalse();
      assertThat(bad.get("errors").get(0).asString())
          .contains("step 'only'", "transfrom", "did you mean 'transform'?");
      assertThat(get(broker, "/v1/templates/catalog/none/1.0.0")).contains("not_found");
    }
  }

  private void awaitPage(Broker broker, String path, String... says) throws Exception {
    Await.until(
        path + " with " + List.of(says),
        () -> {
          var page = get(broker, path);
          return Stream.of(says).allMatch(page::contains);
        });
  }

  private String get(Broker broker, String path) throws Exception {
    return send(broker, path, "GET");
  }

  private String post(Broker broker, String path) throws Exception {
    return send(broker, path, "POST");
  }

  private String send(Broker broker, String path, String method) throws Exception {
    var uri = URI.create("http://127.0.0.1:" + broker.httpAddress().getPort() + path);
    var request =
        HttpRequest.newBuilder(uri)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(Duration.ofMinutes(5))
            .build();
    return client.send(request, BodyHandlers.ofString()).body();
  }

  private static JsonNode json(String text) {
    return requireNonNull(JsonMapper.shared().readTree(text));
  }

  private BrokerConfig config() {
    return BrokerConfigs.tasker(database.workerConfig(), TaskerConfig.DEFAULTS);
  }
}
