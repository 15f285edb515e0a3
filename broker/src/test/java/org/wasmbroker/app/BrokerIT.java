package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.egress.EgressConfig;
import org.wasmbroker.grant.PolicyConfig;
import org.wasmbroker.intake.IntakeConfig;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.report.ReportConfig;
import org.wasmbroker.rollout.RolloutConfig;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.SecretsConfig;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.DispatchConfigs;
import org.wasmbroker.testing.EngineConfigs;
import org.wasmbroker.testing.TestDatabase;

/** The whole broker on a real database, a real engine and real handlers. */
class BrokerIT {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Pattern BROKER_THREADS =
      Pattern.compile("(guest|reporter|poller|lease-keeper|registry|engine|database|http).*");
  private static final Duration OUTAGE = Duration.ofSeconds(30);
  private static final String ENDLESS = "last(repeat(1))";

  private TestDatabase database;
  private BrokerQueue queue;

  @BeforeEach
  void setUp() {
    database = TestDatabase.onOwnServer();
    queue = new BrokerQueue(database);
  }

  @AfterEach
  void tearDown() {
    database.close();
  }

  @Test
  void goodStepsCompleteWhileBadStepsFail() {
    queue.sendTransforms(100, ".context.n + 1", SECOND);
    queue.sendTransforms(1, ".context | map(", SECOND);
    queue.sendTransforms(1, "[range(infinite)]", Duration.ofSeconds(20));
    queue.send(
        List.of(
            """
            {"step_uuid":"0199d6a2-6c1e-7d1a-a1f0-0a4b5c6d7e8f","handler":"transform","max_attempts":1,
             "timeout_ms":100,"config":{"filter":"%s"}}\
            """
                .formatted(ENDLESS),
            "\"no step\""));
    queue.sendTransforms(100, ".context.n + 1", SECOND);

    try (var _ = Broker.start(config())) {
      queue.awaitResults(203);
    }

    assertThat(queue.results("completed")).isEqualTo(200);
    assertThat(queue.errorTypes())
        .containsExactly("filter_syntax_error", "limit_exceeded", "limit_exceeded");
    assertThat(queue.deadLetters()).as("the endless loop and the invalid message").isEqualTo(2);
    assertThat(queue.queued()).isZero();
  }

  @Test
  void aDatabaseOutageNeitherLosesNorDuplicatesSteps() throws InterruptedException {
    var claimed = new CountDownLatch(1);
    var longEnough = new CountDownLatch(1);
    var events =
        new EventSink() {
          private long firstFailure;

          @Override
          public void on(BrokerEvent event) {
            if (event instanceof IntakeEvent.Claimed) {
              claimed.countDown();
            } else if (event instanceof IntakeEvent.ClaimFailed) {
              firstFailure = firstFailure == 0 ? System.nanoTime() : firstFailure;
              if (System.nanoTime() - firstFailure > OUTAGE.toNanos()) {
                longEnough.countDown();
              }
            }
          }
        };
    queue.sendTransforms(2_000, "[range(2000)] | add", SECOND);
    try (var _ = Broker.start(config(), events)) {
      assertThat(claimed.await(1, TimeUnit.MINUTES)).isTrue();
      database.stop();
      assertThat(longEnough.await(2, TimeUnit.MINUTES)).isTrue();
      database.start();
      queue.awaitResults(2_000);
    }
    assertThat(queue.results("completed")).isEqualTo(2_000);
    assertThat(queue.stepsWithResults()).isEqualTo(2_000);
    assertThat(queue.queued()).isZero();
  }

  @Test
  void stepsThatOutliveTheDrainGraceAreReleased() throws InterruptedException {
    var running = new CountDownLatch(2);
    EventSink events =
        event -> {
          if (event instanceof StepEvent.Started) {
            running.countDown();
          }
        };
    queue.sendTransforms(20, ENDLESS, Duration.ofSeconds(30));
    try (var _ = Broker.start(config(), events)) {
      assertThat(running.await(1, TimeUnit.MINUTES)).isTrue();
    }
    assertThat(queue.results()).isZero();
    assertThat(queue.visible()).as("steps that another worker can take at once").isEqualTo(20);
  }

  @Test
  void aClosedBrokerLeavesNoThreads() throws InterruptedException {
    var before = Thread.getAllStackTraces().keySet();
    queue.sendTransforms(10, ".context.n", SECOND);
    try (var _ = Broker.start(config())) {
      queue.awaitResults(10);
    }
    for (var thread : Thread.getAllStackTraces().keySet()) {
      if (!before.contains(thread) && BROKER_THREADS.matcher(thread.getName()).matches()) {
        // A pool can report termination just before its last thread has ended.
        assertThat(thread.join(Duration.ofSeconds(10))).as(thread.getName()).isTrue();
      }
    }
  }

  @Test
  void readinessFollowsTheDatabase() throws IOException, InterruptedException {
    try (var broker = Broker.start(config());
        var client = HttpClient.newHttpClient()) {
      assertThat(status(client, broker, "/health/ready")).isEqualTo(200);
      assertThat(status(client, broker, "/health/live")).isEqualTo(200);
      database.stop();
      while (status(client, broker, "/health/ready") == 200) {
        Thread.onSpinWait();
      }
      assertThat(status(client, broker, "/health/ready")).isEqualTo(503);
      assertThat(status(client, broker, "/health/live")).isEqualTo(200);
      database.start();
      while (status(client, broker, "/health/ready") != 200) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void aBrokerIsNotReadyWhileItsClaimsFailAndSaysWhy() throws IOException, InterruptedException {
    try (var broker = Broker.start(config());
        var client = HttpClient.newHttpClient()) {
      database.execute("alter table pgmq.q_catalog_queue rename to hidden");
      while (status(client, broker, "/health/ready") == 200) {
        Thread.onSpinWait();
      }
      assertThat(body(client, broker, "/health/ready"))
          .contains("claims: the latest claim failed: could not claim from queue catalog_queue");
      database.execute("alter table pgmq.hidden rename to q_catalog_queue");
      while (status(client, broker, "/health/ready") != 200) {
        Thread.onSpinWait();
      }
      assertThat(body(client, broker, "/health")).contains("threads work", "steps start when");
    }
  }

  @Test
  void aDatabaseWithoutPgmqIsReportedWithARemedy() {
    var config = config();
    database.execute("drop extension pgmq cascade");
    assertThatThrownBy(() -> Broker.start(config))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("create extension pgmq");
  }

  private static int status(HttpClient client, Broker broker, String path)
      throws IOException, InterruptedException {
    var uri = URI.create("http://127.0.0.1:" + broker.httpAddress().getPort() + path);
    return client
        .send(
            HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build(),
            BodyHandlers.discarding())
        .statusCode();
  }

  private static String body(HttpClient client, Broker broker, String path)
      throws IOException, InterruptedException {
    var uri = URI.create("http://127.0.0.1:" + broker.httpAddress().getPort() + path);
    return client
        .send(
            HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build(),
            BodyHandlers.ofString())
        .body();
  }

  private BrokerConfig config() {
    return new BrokerConfig(
        database(),
        ProtocolName.STANDALONE,
        StandaloneConfig.DEFAULTS,
        TaskerConfig.DEFAULTS,
        IntakeConfig.DEFAULTS,
        DispatchConfigs.of(2, Duration.ofMillis(300)),
        EgressConfig.DEFAULTS,
        ReportConfig.DEFAULTS,
        Limits.DEFAULTS,
        PolicyConfig.none(Limits.DEFAULTS),
        EngineName.WASMTIME,
        EngineConfigs.cached(2),
        RegistryConfig.DEFAULTS,
        RolloutConfig.NONE,
        SecretsConfig.DEFAULTS,
        new HttpConfig("127.0.0.1", 0),
        LogConfig.DEFAULTS);
  }

  private DatabaseConfig database() {
    return database.brokerConfig();
  }
}
