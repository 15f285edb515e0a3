package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyConfig;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.SecretsConfig;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.PolicyEvent;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.TestDatabase;

/** A whole broker with a policy file and secrets, whose handler calls a real server. */
class PolicyBrokerIT {
  private static final String VALUE = "k3y-of-the-shop";
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final String ECHO = "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n" + VALUE;

  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final String CLASSES = "classes: { text: { memory: 32MiB } }\n";

  private final Semaphore applied = new Semaphore(0);
  private final Semaphore refused = new Semaphore(0);
  private final EventSink events =
      event -> {
        if (event instanceof PolicyEvent.Applied) {
          applied.release();
        } else if (event instanceof PolicyEvent.Refused) {
          refused.release();
        }
      };
  private final TestDatabase database = TestDatabase.create();
  private final BrokerQueue queue = new BrokerQueue(database);
  private @TempDir Path folder;

  @BeforeEach
  void writeSecret() throws IOException {
    Files.writeString(Files.createDirectory(folder.resolve("secrets")).resolve("KEY"), VALUE);
  }

  @AfterEach
  void closeDatabase() {
    database.close();
  }

  @Test
  void aNewPolicyAppliesToLaterStepsAndABrokenOneChangesNothing()
      throws IOException, InterruptedException {
    try (var shop = RawServer.responding(HELLO)) {
      write("handlers: []\n");
      try (var _ = Broker.start(config(), events)) {
        send(shop);
        queue.awaitResults(1);
        assertThat(queue.errorTypes()).containsExactly("not_allowed");
        assertThat(shop.accepted()).isZero();

        applied.drainPermits();
        write(granting(shop));
        assertThat(applied.tryAcquire(5, TimeUnit.MINUTES)).isTrue();
        send(shop);
        queue.awaitResults(2);
        assertThat(queue.results("completed")).isEqualTo(1);
        assertThat(shop.requests()).singleElement().asString().contains("x-key: " + VALUE);

        write("handlers: none of this\n");
        assertThat(refused.tryAcquire(5, TimeUnit.MINUTES)).isTrue();
        send(shop);
        queue.awaitResults(3);
      }
    }
    assertThat(queue.results("completed")).isEqualTo(2);
    assertThat(results()).allSatisfy(result -> assertThat(result).doesNotContain(VALUE));
    assertThat(results())
        .anySatisfy(
            result ->
                assertThat(result)
                    .contains("\"http\": {\"calls\": 1")
                    .contains("\"secrets\": [\"KEY\"]"));
  }

  @Test
  void aSecretEchoedByTheServerFailsTheStepAndIsNotStored()
      throws IOException, InterruptedException {
    try (var shop = RawServer.responding(ECHO)) {
      write(granting(shop));
      try (var _ = Broker.start(config(), events)) {
        send(shop);
        queue.awaitResults(1);
      }
    }
    assertThat(queue.errorTypes()).containsExactly("secret_in_output");
    assertThat(results()).allSatisfy(result -> assertThat(result).doesNotContain(VALUE));
  }

  @Test
  void aResultThatAsksForStepsWhichItsManifestDoesNotRequestSendsNone() throws IOException {
    write("handlers:\n  - { handler: transform, new-steps: ['*'] }\n");
    var asks = "{new_steps_outcome: {steps: [{name: \\\"a\\\", handler: \\\"transform\\\"}]}}";
    queue.send(
        List.of(
            "{\"step_uuid\":\"%s\",\"handler\":\"transform\",\"config\":{\"filter\":\"%s\"}}"
                .formatted(UUID.randomUUID(), asks)));
    try (var _ = Broker.start(config(), events)) {
      queue.awaitResults(1);
    }
    assertThat(queue.errorTypes()).containsExactly("new_steps_not_granted");
    assertThat(queue.queued()).isZero();
  }

  @Test
  void theMessagesOfFanOutAreSentAsFarAsThePolicyGrantsThem() throws IOException {
    write("handlers:\n  - { handler: fan_out, new-steps: [transform], new-work: 3 }\n");
    queue.send(List.of(split(3), split(4)));
    try (var _ = Broker.start(config(), events)) {
      queue.awaitResults(5);
    }
    assertThat(queue.errorTypes()).containsExactly("limit_exceeded");
    assertThat(results())
        .filteredOn(result -> !result.contains("\"name\": \"fan_out\""))
        .hasSize(3)
        .anySatisfy(result -> assertThat(result).contains("row_003").contains("\"result\": 20"));
    assertThat(queue.queued()).isZero();
  }

  private static String split(int items) {
    return """
    {"step_uuid":"%s","handler":"fan_out","input":%d,
     "config":{"data":"[range(.context) * 10]","strategy":"per_item",
       "messages":{"name":"row","handler":"transform","config":{"filter":".context.items[0]"}}}}\
    """
        .formatted(UUID.randomUUID(), items);
  }

  @Test
  void everyEventOfAStepCarriesItsIdsHandlerAndTraceContext() throws IOException {
    var task = UUID.randomUUID();
    var received = new ConcurrentLinkedQueue<StepEvent>();
    EventSink recorder =
        event -> {
          if (event instanceof StepEvent ofStep) {
            received.add(ofStep);
          }
        };
    try (var shop = RawServer.responding(HELLO)) {
      write(granting(shop) + "    limits: { http-received: 10 }\n");
      try (var _ = Broker.start(config(), recorder)) {
        database.execute(
            "select pgmq.send('catalog_queue', '%s'::jsonb, '{\"traceparent\":\"%s\"}'::jsonb)"
                .formatted(
                    message(shop).replaceFirst("\\{", "{\"task_uuid\":\"" + task + "\","), TRACE));
        queue.awaitResults(1);
      }
    }
    assertThat(received)
        .extracting(event -> event.getClass().getSimpleName())
        .containsExactlyInAnyOrder(
            "Started", "SecretUsed", "LimitExceeded", "HttpCompleted", "HttpRefused", "Ended");
    assertThat(received)
        .allSatisfy(
            event -> {
              assertThat(event.step().ids().task()).isEqualTo(task);
              assertThat(event.step().handler().name()).isEqualTo("http_request");
              assertThat(event.step().trace().traceparent()).isEqualTo(TRACE);
            });
  }

  private void send(RawServer shop) {
    queue.send(List.of(message(shop)));
  }

  private static String message(RawServer shop) {
    return """
    {"step_uuid":"%s","handler":"http_request","max_attempts":1,"input":{},
     "config":{"url":"%s/","headers":{"x-key":"${secrets.KEY}"}}}\
    """
        .formatted(UUID.randomUUID(), shop.url());
  }

  private static String granting(RawServer shop) {
    return """
    secrets:
      KEY: ["%1$s"]
    handlers:
      - handler: http_request
        secrets: [KEY]
        http:
          - { url: "%1$s", networks: [127.0.0.0/8] }
    """
        .formatted(shop.url());
  }

  /**
   * Replaces the file atomically, as an operator's tools do. The engine is created for its class.
   */
  private void write(String policy) throws IOException {
    var next = Files.writeString(folder.resolve("next.yaml"), CLASSES + policy);
    Files.move(next, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private Path file() {
    return folder.resolve("policy.yaml");
  }

  private List<String> results() {
    return database.query("select message::text from pgmq.q_catalog_results").stream()
        .map(String::valueOf)
        .toList();
  }

  private BrokerConfig config() throws IOException {
    return BrokerConfigs.with(
        BrokerConfigs.standalone(database.brokerConfig()),
        new PolicyConfig(file(), Duration.ofMillis(100), policy()),
        new SecretsConfig(folder.resolve("secrets"), "WASM_BROKER_SECRET_", Duration.ZERO));
  }

  private Policy policy() throws IOException {
    return switch (Policy.read(Files.readAllBytes(file()), Limits.DEFAULTS)) {
      case PolicyReadResult.Valid(var policy) -> policy;
      case PolicyReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }
}
