package org.wasmbroker.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.TestDatabase;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The parts of {@code deploy/compose.yaml}, started by hand in the same wiring, since a container
 * engine is not to be had everywhere: its environment, its mounts, its database with its first
 * start's script, its Prometheus configuration. Only addresses are others. {@code make image-check}
 * runs this.
 */
@EnabledIfEnvironmentVariable(named = UnpackedImage.VARIABLE, matches = ".+")
class ComposeE2E {
  private static final Path DEPLOY = Path.of("..", "deploy");
  private static final String DATABASE = "database:5432";

  private final UnpackedImage image = UnpackedImage.ofEnvironment();
  private final JsonNode compose = new YAMLMapper().readTree(DEPLOY.resolve("compose.yaml"));
  private final JsonNode broker = compose.get("x-broker");

  @TempDir private Path directory;
  private TestDatabase server;
  private String address;

  /** As the image of the database does at its first start. */
  @BeforeEach
  void startDatabase() throws Exception {
    server = TestDatabase.onOwnServer();
    var service = compose.at("/services/database/environment");
    var user = service.get("POSTGRES_USER").asString();
    var name = service.get("POSTGRES_DB").asString();
    server.execute("create role %s superuser login password '%s'".formatted(user, password()));
    server.execute("create database %s owner %s".formatted(name, user));
    var url = server.config().url();
    address = url.substring("jdbc:postgresql://".length(), url.lastIndexOf('/'));
    try (var connection =
            DriverManager.getConnection(
                "jdbc:postgresql://" + address + "/" + name, user, password());
        var statement = connection.createStatement()) {
      statement.execute(Files.readString(DEPLOY.resolve("compose/init.sql")));
    }
  }

  @AfterEach
  void stopDatabase() {
    server.close();
  }

  private String password() throws IOException {
    return Files.readString(secret()).strip();
  }

  private Path secret() {
    return DEPLOY.resolve(compose.at("/secrets/database-password/file").asString());
  }

  /** The environment of compose.yaml, at the addresses of this test. */
  private Map<String, String> environment(int port) {
    var variables = new HashMap<String, String>();
    broker
        .get("environment")
        .properties()
        .forEach(entry -> variables.put(entry.getKey(), entry.getValue().asString()));
    assertThat(variables.get("WASM_BROKER_DATABASE_URL")).contains(DATABASE);
    variables.computeIfPresent(
        "WASM_BROKER_DATABASE_URL", (_, url) -> url.replace(DATABASE, address));
    variables.put("WASM_BROKER_HTTP_PORT", String.valueOf(port));
    return variables;
  }

  private List<String> mounts(JsonNode service) {
    var mounts = new ArrayList<String>();
    mounts.add(secret() + ":/run/secrets/database-password");
    for (var volume : service.get("volumes")) {
      var parts = volume.asString().split(":", 3);
      assertThat(parts[2]).isEqualTo("ro");
      mounts.add(DEPLOY.resolve(parts[0]) + ":" + parts[1]);
    }
    return mounts;
  }

  @Test
  void twoBrokersRunTheStepsAndPrometheusSeesBoth() throws Exception {
    int first = ImageE2E.freePort();
    int second = ImageE2E.freePort();
    int prometheusPort = ImageE2E.freePort();
    try (var one = image.start(environment(first), mounts(broker));
        var two = image.start(environment(second), mounts(broker))) {
      ImageE2E.awaitReady(first, one);
      ImageE2E.awaitReady(second, two);
      var prometheus =
          prometheus(Map.of("broker-1:9090", first, "broker-2:9090", second), prometheusPort);
      try {
        enqueue(first);
        Await.until("both up", () -> value(prometheusPort, "sum(up{job=\"wasm-broker\"})") == 2);
        Await.until(
            "two steps completed and one failed, in Prometheus",
            () ->
                value(prometheusPort, "sum(wasm_broker_steps_total{outcome=\"completed\"})") == 2
                    && value(prometheusPort, "sum(wasm_broker_steps_total{outcome!=\"completed\"})")
                        == 1);
        assertThat(rules(prometheusPort)).as("rules.yaml is loaded").isPositive();
      } finally {
        prometheus.destroy();
        prometheus.onExit().join();
      }
      one.terminate();
      two.terminate();
      assertThat(one.awaitExit()).as(one.output()).isZero();
      assertThat(two.awaitExit()).as(two.output()).isZero();
      assertThat(one.output() + two.output()).doesNotContain("\"level\":\"ERROR\"");
    }
  }

  /** The service {@code steps}. */
  private void enqueue(int port) throws Exception {
    var service = compose.at("/services/steps");
    var command =
        service.get("command").valueStream().map(JsonNode::asString).toArray(String[]::new);
    try (var sent = image.start(environment(port), mounts(service), command)) {
      assertThat(sent.awaitExit()).as(sent.output()).isZero();
      assertThat(sent.output()).contains("sent 3 messages");
    }
  }

  private Process prometheus(Map<String, Integer> targets, int port) throws IOException {
    var etc = Files.createDirectory(directory.resolve("prometheus"));
    try (var files = Files.list(DEPLOY.resolve("prometheus"))) {
      for (var file : files.toList()) {
        Files.copy(file, etc.resolve(file.getFileName().toString()));
      }
    }
    var config = etc.resolve("prometheus.yaml");
    var text = Files.readString(config);
    for (var target : new LinkedHashMap<>(targets).entrySet()) {
      assertThat(text).contains(target.getKey());
      text = text.replace(target.getKey(), "127.0.0.1:" + target.getValue());
    }
    Files.writeString(config, text);
    var log = directory.resolve("prometheus.log");
    return new ProcessBuilder(
            "prometheus",
            "--config.file=" + config,
            "--storage.tsdb.path=" + directory.resolve("data"),
            "--web.listen-address=127.0.0.1:" + port)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  /** The value of a query; NaN while there is none. */
  private static double value(int port, String query) {
    var result =
        ask(port, "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8))
            .at("/data/result");
    return result.isEmpty()
        ? Double.NaN
        : Double.parseDouble(result.path(0).path("value").path(1).asString());
  }

  private static int rules(int port) {
    return ask(port, "/api/v1/rules")
        .at("/data/groups")
        .valueStream()
        .mapToInt(group -> group.get("rules").size())
        .sum();
  }

  private static JsonNode ask(int port, String path) {
    try {
      var response = ImageE2E.get(port, path);
      return response.statusCode() == 200
          ? JsonMapper.shared().readTree(response.body())
          : JsonMapper.shared().createObjectNode();
    } catch (IOException notYet) {
      return JsonMapper.shared().createObjectNode();
    }
  }
}
