package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.telemetry.micrometer.KnownValues;
import org.wasmbroker.telemetry.micrometer.PrometheusMetrics;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class HttpEndpointsTest {
  private static final HttpConfig ANY_PORT = new HttpConfig("127.0.0.1", 0);

  private final AtomicReference<Result> database = new AtomicReference<>(Result.ok("18.6"));
  private final PrometheusMetrics metrics = new PrometheusMetrics("0.1.0", KnownValues.NONE);
  private final HttpClient client = HttpClient.newHttpClient();
  private final HttpEndpoints endpoints =
      endpoints(ANY_PORT, List.of(new HealthCheck("database", database::get)));

  @BeforeEach
  void start() {
    endpoints.start();
  }

  @AfterEach
  void close() {
    endpoints.close();
    client.close();
    metrics.close();
  }

  @Test
  void metricsAreServedAsText() throws Exception {
    var response = get("/metrics");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(response.body()).contains("wasm_broker_build_info{");
  }

  @Test
  void metricsAreServedAsOpenMetricsOnRequest() throws Exception {
    var request =
        HttpRequest.newBuilder(uri("/metrics"))
            .header("Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
            .build();

    var response = client.send(request, HttpResponse.BodyHandlers.ofString());

    assertThat(response.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("application/openmetrics-text");
    assertThat(response.body()).endsWith("# EOF\n");
  }

  @Test
  void livenessDoesNotDependOnTheChecks() throws Exception {
    database.set(Result.failing("connection refused"));

    assertThat(get("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void readyWhenAllChecksAreOk() throws Exception {
    var response = get("/health/ready");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(json(response).get("status").asString()).isEqualTo("ready");
    assertThat(json(response).get("reasons")).isEmpty();
  }

  @Test
  void notReadyNamesTheFailingChecks() throws Exception {
    database.set(Result.failing("connection refused"));

    var response = get("/health/ready");

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(json(response).get("reasons").get(0).asString())
        .isEqualTo("database: connection refused");
  }

  @Test
  void healthShowsVersionEngineUptimeAndChecks() throws Exception {
    var health = json(get("/health"));

    assertThat(health.get("status").asString()).isEqualTo("ready");
    assertThat(health.get("version").asString()).isEqualTo("0.1.0");
    assertThat(health.get("engine").get("name").asString()).isEqualTo("wasmtime");
    assertThat(health.get("engine").get("version").asString()).isEqualTo("1.2.3");
    assertThat(health.get("uptime_seconds").asDouble()).isGreaterThanOrEqualTo(0);
    assertThat(health.get("checks").get("database").get("ok").asBoolean()).isTrue();
    assertThat(health.get("checks").get("database").get("detail").asString()).isEqualTo("18.6");
  }

  @Test
  void aHangingDatabaseDoesNotBlockTheResponse() throws Exception {
    var never = new CountDownLatch(1);
    var hanging =
        new HealthCheck(
            "database",
            () -> {
              never.await();
              return Result.ok("at last");
            });
    try (var other =
        new HttpEndpoints(
            ANY_PORT, threads -> TestPages.standalone(metrics, List.of(hanging), threads))) {
      other.start();

      var response = get(other, "/health/ready");

      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.body()).contains("database: no response within 2000 ms");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/nothing", "/metrics/", "/health/other", "/../etc/passwd"})
  void anUnknownPathIsAJsonNotFound(String path) throws Exception {
    var response = get(path);

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(json(response).get("error").asString()).isEqualTo("not_found");
  }

  @Test
  void otherMethodsAreAJsonMethodNotAllowed() throws Exception {
    var request =
        HttpRequest.newBuilder(uri("/metrics"))
            .POST(HttpRequest.BodyPublishers.ofString("x".repeat(1000)))
            .build();

    var response = client.send(request, HttpResponse.BodyHandlers.ofString());

    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD");
    assertThat(json(response).get("error").asString()).isEqualTo("method_not_allowed");
  }

  @Test
  void headReturnsTheHeadersOfGetWithoutABody() throws Exception {
    var request = HttpRequest.newBuilder(uri("/health/live")).HEAD().build();

    var response = client.send(request, HttpResponse.BodyHandlers.ofString());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
    assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(17);
  }

  @Test
  void aPortInUseIsReportedWithTheSettingToChange() throws IOException {
    try (var taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      var config = new HttpConfig("127.0.0.1", taken.getLocalPort());
      try (var other = endpoints(config, List.of())) {
        assertThatThrownBy(other::start)
            .isInstanceOf(HttpUnavailableException.class)
            .hasMessageContaining("127.0.0.1 port " + taken.getLocalPort())
            .hasMessageContaining("Address already in use")
            .hasMessageContaining("set http.host or http.port");
      }
    }
  }

  @Test
  void anUnknownHostIsReported() {
    try (var other = endpoints(new HttpConfig("no-such-host.invalid", 0), List.of())) {
      assertThatThrownBy(other::start)
          .isInstanceOf(HttpUnavailableException.class)
          .hasMessageContaining("no-such-host.invalid");
    }
  }

  @Test
  void closeIsIdempotentAndAllowedBeforeStart() {
    var other = endpoints(ANY_PORT, List.of());
    other.close();
    other.close();

    assertThatThrownBy(other::start).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void nothingListensAfterClose() throws Exception {
    var where = uri("/health/live");
    endpoints.close();

    assertThatThrownBy(
            () ->
                client.send(
                    HttpRequest.newBuilder(where).build(), HttpResponse.BodyHandlers.ofString()))
        .isInstanceOf(IOException.class);
  }

  /** Their checks have always responded in time, as they run at once. */
  private HttpEndpoints endpoints(HttpConfig config, List<HealthCheck> checks) {
    return new HttpEndpoints(config, _ -> TestPages.standalone(metrics, checks, Runnable::run));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return get(endpoints, path);
  }

  private HttpResponse<String> get(HttpEndpoints from, String path) throws Exception {
    var request = HttpRequest.newBuilder(uri(from, path)).build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return uri(endpoints, path);
  }

  private static URI uri(HttpEndpoints endpoints, String path) {
    return URI.create("http://127.0.0.1:" + endpoints.address().getPort() + path);
  }

  private static JsonNode json(HttpResponse<String> response) {
    return JsonMapper.shared().readTree(response.body());
  }
}
