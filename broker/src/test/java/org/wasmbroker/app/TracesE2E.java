package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.document.Problem;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyConfig;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.SecretsConfig;
import org.wasmbroker.telemetry.otel.OtelEnvironment;
import org.wasmbroker.telemetry.otel.TracesConfig;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.Collector;
import org.wasmbroker.testing.Collector.Span;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.TestDatabase;

/** A whole broker whose spans a real collector receives: {@code make traces-check}. */
class TracesE2E {
  private static final String SECRET = "k3y-of-the-shop";
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SENDER = "b7ad6b7169203331";
  private static final UUID CORRELATION = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");

  private final TestDatabase database = TestDatabase.create();
  private final BrokerQueue queue = new BrokerQueue(database);
  private @TempDir Path folder;

  @AfterEach
  void closeDatabase() {
    database.close();
  }

  @ParameterizedTest
  @CsvSource({"HTTP,http/protobuf,none", "GRPC,grpc,gzip"})
  void aCollectorReceivesTheWayOfAStep(String server, String protocol, String compression)
      throws IOException, InterruptedException {
    Files.writeString(Files.createDirectory(folder.resolve("secrets")).resolve("KEY"), SECRET);
    String text;
    List<String> requests;
    try (var collector = Collector.start(program(), folder);
        var shop = RawServer.responding(HELLO)) {
      var traces =
          traces(
              Map.of(
                  "OTEL_EXPORTER_OTLP_ENDPOINT",
                  collector.endpoint(server),
                  "OTEL_EXPORTER_OTLP_PROTOCOL",
                  protocol,
                  "OTEL_EXPORTER_OTLP_COMPRESSION",
                  compression,
                  "OTEL_SERVICE_NAME",
                  "shop-steps"));
      try (var _ = Broker.start(config(shop, traces))) {
        database.execute(
            "select pgmq.send('catalog_queue', '%s'::jsonb, '{\"traceparent\":\"00-%s-%s-01\"}'::jsonb)"
                .formatted(request(shop), TRACE, SENDER));
        database.execute(
            "select pgmq.send('catalog_queue', '%s'::jsonb)".formatted(unknownHandler()));
        queue.awaitResults(2);
      }
      requests = List.copyOf(shop.requests());
      text = collector.stop();
    }
    var spans = Collector.spans(text);

    assertThat(text).contains("service.name: Str(shop-steps)").doesNotContain(SECRET, "q=1");
    var process = only(spans, "process catalog_queue", TRACE);
    assertThat(process.parent()).isEqualTo(SENDER);
    assertThat(process.fields()).containsEntry("Kind", "Consumer");
    assertThat(process.attributes())
        .containsEntry("messaging.system.name", "pgmq")
        .containsEntry("messaging.destination.name", "catalog_queue")
        .containsEntry("messaging.operation.type", "process")
        .containsEntry("wasm_broker.handler", "http_request")
        .containsEntry("wasm_broker.outcome", "completed")
        .containsKeys("messaging.message.id", "wasm_broker.step.id", "wasm_broker.handler.digest");
    var received =
        spans.stream().filter(span -> span.name().equals("receive catalog_queue")).toList();
    assertThat(received).isNotEmpty();
    assertThat(received).extracting(Span::id).contains(process.links().getFirst());
    for (var part : List.of("resolve", "instantiate", "execute", "settle catalog_queue")) {
      assertThat(only(spans, part, TRACE).parent()).as(part).isEqualTo(process.id());
    }
    var get = only(spans, "GET", TRACE);
    assertThat(get.parent()).isEqualTo(only(spans, "execute", TRACE).id());
    assertThat(get.fields()).containsEntry("Kind", "Client");
    assertThat(get.attributes())
        .containsEntry("http.request.method", "GET")
        .containsEntry("http.response.status_code", "200")
        .containsEntry("server.address", "127.0.0.1")
        .hasEntrySatisfying("url.full", url -> assertThat(url).endsWith("/a?REDACTED"));
    assertThat(requests)
        .singleElement()
        .asString()
        .contains("traceparent: 00-" + TRACE + "-" + get.id() + "-01");
    assertThat(database.query("select headers->>'traceparent' from pgmq.q_catalog_results"))
        .contains("00-" + TRACE + "-" + process.id() + "-01");

    var failed = only(spans, "process catalog_queue", CORRELATION.toString().replace("-", ""));
    assertThat(failed.parent()).isEmpty();
    assertThat(failed.fields()).containsEntry("Status code", "Error");
    assertThat(failed.attributes()).containsEntry("error.type", "unknown_handler");
  }

  private static Span only(List<Span> spans, String name, String trace) {
    var found =
        spans.stream()
            .filter(span -> span.name().equals(name) && span.trace().equals(trace))
            .toList();
    assertThat(found).as(name + " in " + spans).hasSize(1);
    return found.getFirst();
  }

  private static Path program() {
    return Path.of(System.getenv().getOrDefault("OTELCOL", "no OTELCOL"));
  }

  private static TracesConfig traces(Map<String, String> environment) {
    var problems = new ArrayList<Problem>();
    var config = OtelEnvironment.read(environment, problems);
    assertThat(problems).isEmpty();
    return config;
  }

  private static String request(RawServer shop) {
    return """
    {"step_uuid":"%s","handler":"http_request","max_attempts":1,"input":{},
     "config":{"url":"%s/a?q=1","headers":{"x-key":"${secrets.KEY}"}}}\
    """
        .formatted(UUID.randomUUID(), shop.url());
  }

  private static String unknownHandler() {
    return """
    {"step_uuid":"%s","correlation_id":"%s","handler":"nobody","max_attempts":1,"input":{}}\
    """
        .formatted(UUID.randomUUID(), CORRELATION);
  }

  private BrokerConfig config(RawServer shop, TracesConfig traces) throws IOException {
    var file =
        Files.writeString(
            folder.resolve("policy.yaml"),
            """
            secrets:
              KEY: ["%1$s"]
            handlers:
              - handler: http_request
                secrets: [KEY]
                http:
                  - { url: "%1$s", networks: [127.0.0.0/8] }
            """
                .formatted(shop.url()));
    return BrokerConfigs.with(
        BrokerConfigs.standalone(database.brokerConfig()),
        new PolicyConfig(file, Duration.ofMinutes(1), policy(file)),
        new SecretsConfig(folder.resolve("secrets"), "WASM_BROKER_SECRET_", Duration.ZERO),
        traces);
  }

  private static Policy policy(Path file) throws IOException {
    return switch (Policy.read(Files.readAllBytes(file), Limits.DEFAULTS)) {
      case PolicyReadResult.Valid(var policy) -> policy;
      case PolicyReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }
}
