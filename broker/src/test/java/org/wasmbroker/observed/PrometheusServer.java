package org.wasmbroker.observed;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real Prometheus on loopback, as Debian has it, which scrapes every second. */
final class PrometheusServer implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final int ATTEMPTS = 20;

  /** It warns of itself, when a busy machine has kept it from evaluating its rules in time. */
  private static final String EVALUATED_TWICE =
      "results from rule evaluation with different value but same timestamp";

  private final Process process;
  private final Path log;
  private final int port;
  private final HttpClient client = HttpClient.newHttpClient();

  private PrometheusServer(Process process, Path log, int port) {
    this.process = process;
    this.log = log;
    this.port = port;
  }

  /**
   * Starts one and waits until it is ready.
   *
   * @param directory an empty one, for its files
   * @param targets what it scrapes, by the label {@code instance}
   * @param rules a file of rules
   */
  static PrometheusServer start(Path directory, Map<String, InetSocketAddress> targets, Path rules)
      throws IOException {
    var file = Files.writeString(directory.resolve("prometheus.yaml"), config(targets, rules));
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      var log = directory.resolve("log-" + attempt);
      int port = freePort();
      var server =
          new PrometheusServer(
              new ProcessBuilder(
                      "prometheus",
                      "--config.file=" + file,
                      "--storage.tsdb.path=" + directory.resolve("data-" + attempt),
                      "--web.listen-address=127.0.0.1:" + port,
                      "--enable-feature=exemplar-storage",
                      "--log.level=warn")
                  .redirectErrorStream(true)
                  .redirectOutput(log.toFile())
                  .start(),
              log,
              port);
      if (server.awaitReady()) {
        return server;
      }
    }
    throw new AssertionError("no free port in %d attempts".formatted(ATTEMPTS));
  }

  private static String config(Map<String, InetSocketAddress> targets, Path rules) {
    return """
    global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
    rule_files: ['%s']
    scrape_configs:
      - job_name: wasm-broker
        static_configs:
    %s
    """
        .formatted(
            rules.toAbsolutePath().normalize(),
            targets.entrySet().stream()
                .map(
                    target ->
                        "      - {targets: ['127.0.0.1:%d'], labels: {instance: %s}}"
                            .formatted(target.getValue().getPort(), target.getKey()))
                .collect(Collectors.joining("\n")));
  }

  /** It cannot choose a free port itself: another process may take the one that was free. */
  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  /** False if another process has taken the port. */
  private boolean awaitReady() throws IOException {
    long began = System.nanoTime();
    while (!isReady()) {
      if (!process.isAlive() && log().contains("address already in use")) {
        return false;
      }
      if (!process.isAlive() || System.nanoTime() - began > LIMIT.toNanos()) {
        close();
        throw new AssertionError("Prometheus did not start: " + log());
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    return true;
  }

  private boolean isReady() {
    try {
      return send(HttpRequest.newBuilder(uri("/-/ready")).build()).equals("200");
    } catch (IOException notYet) {
      return false;
    }
  }

  private String send(HttpRequest request) throws IOException {
    try {
      return Integer.toString(client.send(request, BodyHandlers.ofString()).statusCode());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** What it has logged; nothing below a warning. */
  private String log() throws IOException {
    return Files.readString(log);
  }

  /** What it warns of, but for what a busy machine has done to it. */
  List<String> warnings() throws IOException {
    return log().lines().filter(line -> !line.contains(EVALUATED_TWICE)).toList();
  }

  /**
   * Waits until this instance has been scraped so many times more. A scrape that fails is none: on
   * a busy machine an answer may take longer than a second.
   */
  void awaitScrapes(String instance, int more) throws IOException, InterruptedException {
    var count = "sum_over_time(up{instance=\"%s\"}[1d])".formatted(instance);
    awaitAtLeast(number(count) + more, count);
  }

  /** Waits until the first series of a query has at least this value; none counts as 0. */
  void awaitAtLeast(double value, String expr) throws IOException, InterruptedException {
    long began = System.nanoTime();
    while (number(expr) < value) {
      if (System.nanoTime() - began > LIMIT.toNanos()) {
        throw new AssertionError("%s is not %s after %s: %s".formatted(expr, value, LIMIT, log()));
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** Waits until a query returns a series. */
  void awaitSeries(String expr) throws IOException, InterruptedException {
    awaitAtLeast(1, "count(%s)".formatted(expr));
  }

  private double number(String expr) throws IOException, InterruptedException {
    var result = query(expr);
    return result.isEmpty()
        ? 0
        : Double.parseDouble(result.path(0).path("value").path(1).asString());
  }

  /** The series that a query returns now. */
  JsonNode query(String expr) throws IOException, InterruptedException {
    return api("query", Map.of("query", expr)).path("result");
  }

  /** The series that a query returns in this time, each second. */
  JsonNode range(String expr, Instant from, Instant to) throws IOException, InterruptedException {
    return api(
            "query_range", Map.of("query", expr, "start", text(from), "end", text(to), "step", "1"))
        .path("result");
  }

  /** The exemplars of what a query selects. */
  JsonNode exemplars(String expr, Instant from, Instant to)
      throws IOException, InterruptedException {
    return api("query_exemplars", Map.of("query", expr, "start", text(from), "end", text(to)));
  }

  /** What it knows of each family of metrics. */
  JsonNode metadata() throws IOException, InterruptedException {
    return api("metadata", Map.of());
  }

  /** All rules with their state, group by group. */
  JsonNode ruleGroups() throws IOException, InterruptedException {
    return api("rules", Map.of()).path("groups");
  }

  /** What it scrapes, each with its last error. */
  JsonNode targets() throws IOException, InterruptedException {
    return api("targets", Map.of()).path("activeTargets");
  }

  private static String text(Instant time) {
    return "%d.%03d".formatted(time.getEpochSecond(), time.getNano() / 1_000_000);
  }

  private JsonNode api(String path, Map<String, String> form)
      throws IOException, InterruptedException {
    var body =
        form.entrySet().stream()
            .map(
                field ->
                    field.getKey()
                        + "="
                        + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    var request = HttpRequest.newBuilder(uri("/api/v1/" + path)).timeout(LIMIT);
    if (!form.isEmpty()) {
      request
          .header("Content-Type", "application/x-www-form-urlencoded")
          .POST(BodyPublishers.ofString(body));
    }
    var answer =
        JsonMapper.shared().readTree(client.send(request.build(), BodyHandlers.ofString()).body());
    if (!answer.path("status").asString("").equals("success")) {
      throw new AssertionError("%s %s: %s".formatted(path, form, answer));
    }
    return answer.path("data");
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  private URI uri(String path) {
    return URI.create(url() + path);
  }

  @Override
  public void close() {
    process.destroy();
    client.close();
    try {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("Prometheus did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
