package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.wasmbroker.cli.WasmBroker;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyConfig;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.recording.RecordingConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.SecretsConfig;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.HealthClient;
import org.wasmbroker.testing.HostileGuests;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.TestDatabase;
import org.wasmbroker.testing.TestModules;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Steps of a queue that fail in all ways are recorded by a broker, and end the same offline. */
class RecordingBrokerIT {
  private static final String SECRET = "the-key-of-the-shop";

  private @TempDir Path folder;

  /** A step of the queue by the last digit of its id, and what it ends with. */
  private record Sent(int id, String handler, String error, String members) {
    String message() {
      return "{\"step_uuid\":\"00000000-0000-4000-8000-00000000000%d\",\"handler\":\"%s\",%s}"
          .formatted(id, handler, members);
    }
  }

  private static List<Sent> steps(RawServer shop) {
    return List.of(
        new Sent(1, "transform", "filter_runtime_error", "\"config\":{\"filter\":\"now | error\"}"),
        new Sent(
            2,
            "transform",
            "limit_exceeded",
            "\"config\":{\"filter\":\"[range(infinite)]\"},\"timeout_ms\":60000"),
        new Sent(
            3,
            "http_request",
            "secret_in_output",
            "\"max_attempts\":1,\"config\":{\"url\":\"%s/\",\"headers\":{\"x-key\":\"${secrets.KEY}\"}}"
                .formatted(shop.url())),
        new Sent(4, "start-trap", "trapped", "\"config\":{}"),
        new Sent(
            5,
            "scripted",
            "limit_exceeded",
            "\"timeout_ms\":200,\"max_attempts\":1,\"config\":{\"sleep\":60000,\"on\":{\"status\":\"completed\",\"result\":1}}"),
        new Sent(
            6,
            "scripted",
            "checkpoint_not_supported",
            "\"config\":{\"on\":{\"status\":\"checkpoint\",\"cursor\":{\"at\":7}},\"resume\":{\"status\":\"failed\",\"error\":{\"type\":\"gave_up\",\"message\":\"after"
                + " a checkpoint\",\"retryable\":false}}}"),
        new Sent(7, "unpredictable", "none", "\"config\":{}"));
  }

  @ParameterizedTest
  @EnumSource(EngineName.class)
  void stepsOfAQueueEndTheSameOffline(EngineName engine) throws IOException {
    for (var guest : List.of("scripted", "unpredictable")) {
      TestModules.addGuest(folder.resolve("modules"), guest);
    }
    TestModules.add(folder.resolve("modules"), "start-trap", HostileGuests.module("start-trap"));
    Files.writeString(Files.createDirectory(folder.resolve("secrets")).resolve("KEY"), SECRET);
    var results = new LinkedHashMap<Integer, JsonNode>();
    try (var database = TestDatabase.create();
        var shop =
            RawServer.responding(
                "HTTP/1.1 503 No\r\nx-echo: %1$s\r\ncontent-length: %2$d\r\n\r\n%1$s"
                    .formatted(SECRET, SECRET.length()))) {
      var queue = new BrokerQueue(database);
      var steps = steps(shop);
      queue.send(steps.stream().map(Sent::message).toList());
      try (var broker = Broker.start(config(database, shop, engine));
          var client = HealthClient.of(broker)) {
        queue.awaitResults(steps.size());
        assertThat(client.body("/metrics"))
            .contains("wasm_broker_recordings_dropped_total{reason=\"disk\"} 0.0");
      }
      for (var row : database.query("select message::text from pgmq.q_catalog_results")) {
        var result = JsonMapper.shared().readTree(String.valueOf(row));
        var id = result.at("/step_uuid").stringValue();
        results.put(id.charAt(id.length() - 1) - '0', result);
      }
      assertThat(
              database.query(
                  "select message->'receipt'->>'recording' from pgmq.q_catalog_queue_dlq"))
          .as("the step that ran out of time has a dead letter, which names its recording")
          .anySatisfy(name -> assertThat(String.valueOf(name)).matches("scripted-.*05-1\\.jsonl"));
      for (var step : steps) {
        var result = Objects.requireNonNull(results.get(step.id()));
        assertThat(result.at("/error/error_type").asString("none"))
            .as(result.toString())
            .isEqualTo(step.error());
        assertReplays(result, step);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(EngineName.class)
  void aRunThatStartedWithAnImageEndsTheSameWithoutOne(EngineName engine) throws IOException {
    var handler = "prepared-configuration";
    TestModules.addGuest(folder.resolve("modules"), handler);
    Files.createDirectory(folder.resolve("secrets"));
    var steps =
        IntStream.range(1, 9)
            .mapToObj(id -> new Sent(id, handler, "none", "\"config\":{\"a\":[7]}"))
            .toList();
    int prepared = 0;
    try (var database = TestDatabase.create();
        var shop = RawServer.responding("")) {
      var queue = new BrokerQueue(database);
      queue.send(steps.stream().map(Sent::message).toList());
      try (var _ = Broker.start(config(database, shop, engine))) {
        queue.awaitResults(steps.size());
      }
      for (var row : database.query("select message::text from pgmq.q_catalog_results")) {
        var result = JsonMapper.shared().readTree(String.valueOf(row));
        assertThat(result.at("/result")).hasToString("{\"a\":[7]}");
        prepared += result.at("/metadata/custom/receipt/prepared").asBoolean() ? 1 : 0;
        assertReplays(result, steps.getFirst());
      }
    }
    if (engine == EngineName.WASMTIME) {
      assertThat(prepared).isBetween(1, 7);
    } else {
      assertThat(prepared).as("it makes no images").isZero();
    }
  }

  private void assertReplays(JsonNode result, Sent step) throws IOException {
    var name = result.at("/metadata/custom/receipt/recording").asString("none");
    var file = folder.resolve("recordings").resolve(name);
    assertThat(file).exists();
    assertThat(Files.readString(file)).doesNotContain(SECRET);
    var out = new StringWriter();
    var command =
        WasmBroker.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
    int code =
        command.execute(
            "replay",
            file.toString(),
            "--json",
            "--directory",
            folder.resolve("modules").toString());
    assertThat(code).as(step + " " + out).isZero();
    var replayed = JsonMapper.shared().readTree(out.toString());
    assertThat(replayed.at("/departures").isEmpty()).as(step + " " + out).isTrue();
    assertThat(replayed.at("/outcome/error/message").asString("none"))
        .isEqualTo(result.at("/error/message").asString("none"));
  }

  private BrokerConfig config(TestDatabase database, RawServer shop, EngineName engine) {
    var base = BrokerConfigs.standalone(database.brokerConfig(), 2, Duration.ofMillis(300));
    return BrokerConfigs.with(
        base,
        engine,
        new PolicyConfig(null, base.policy().reload(), policy(shop)),
        new RegistryConfig(
            folder.resolve("modules"),
            base.registry().rescan(),
            base.registry().store(),
            base.registry().approvals(),
            base.registry().oci()),
        new SecretsConfig(folder.resolve("secrets"), "WASM_BROKER_SECRET_", Duration.ZERO),
        RecordingConfig.ofEverything(1 << 20).withDirectory(folder.resolve("recordings")));
  }

  private static Policy policy(RawServer shop) {
    var text =
        """
        secrets:
          KEY: ["%1$s"]
        handlers:
          - handler: http_request
            secrets: [KEY]
            http:
              - { url: "%1$s", networks: [127.0.0.0/8] }
        """
            .formatted(shop.url());
    return switch (Policy.read(text.getBytes(StandardCharsets.UTF_8), Limits.DEFAULTS)) {
      case PolicyReadResult.Valid(var policy) -> policy;
      case PolicyReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }
}
