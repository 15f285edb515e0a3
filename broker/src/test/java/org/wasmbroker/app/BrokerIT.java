package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.HealthClient;
import org.wasmbroker.testing.TestDatabase;
import org.wasmbroker.testing.TestModules;

/** The whole broker on a real database, a real engine and real handlers. */
class BrokerIT {
  /** Of steps that end well, however slow the machine is. */
  private static final Duration LONG = Duration.ofSeconds(30);

  private static final Pattern BROKER_THREADS =
      Pattern.compile("(guest|reporter|poller|lease-keeper|registry|engine|database|http).*");
  private static final String ENDLESS = "last(repeat(1))";

  private TestDatabase database;
  private BrokerQueue queue;

  @BeforeEach
  void setUp() {
    database = TestDatabase.create();
    queue = new BrokerQueue(database);
  }

  @AfterEach
  void tearDown() {
    database.close();
  }

  @Test
  void goodStepsCompleteWhileBadStepsFail() {
    queue.sendTransforms(100, ".context.n + 1", LONG);
    queue.sendTransforms(1, ".context | map(", LONG);
    queue.sendTransforms(1, "[range(infinite)]", LONG);
    queue.send(
        List.of(
            """
            {"step_uuid":"0199d6a2-6c1e-7d1a-a1f0-0a4b5c6d7e8f","handler":"transform","max_attempts":1,
             "timeout_ms":100,"config":{"filter":"%s"}}\
            """
                .formatted(ENDLESS),
            "\"no step\""));
    queue.sendTransforms(100, ".context.n + 1", LONG);

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
  void stepsThatOutliveTheDrainGraceAreReleased(@TempDir Path modules) throws InterruptedException {
    TestModules.addEndless(modules, "endless");
    var running = new CountDownLatch(2);
    EventSink events =
        event -> {
          if (event instanceof StepEvent.Started) {
            running.countDown();
          }
        };
    for (int i = 0; i < 20; i++) {
      queue.sendStep("endless", Duration.ofHours(1));
    }
    var config =
        BrokerConfigs.with(
            config(),
            Limits.DEFAULTS.withTime(Duration.ofHours(1)),
            RegistryConfig.DEFAULTS.withDirectory(modules, Duration.ofHours(1)));
    try (var _ = Broker.start(config, events)) {
      assertThat(running.await(1, TimeUnit.MINUTES)).isTrue();
    }
    assertThat(queue.results()).isZero();
    assertThat(queue.visible()).as("steps that another worker can take at once").isEqualTo(20);
  }

  @Test
  void aClosedBrokerLeavesNoThreads() throws InterruptedException {
    var before = Thread.getAllStackTraces().keySet();
    queue.sendTransforms(10, ".context.n", LONG);
    try (var _ = Broker.start(config())) {
      queue.awaitResults(10);
    }
    for (var thread : Thread.getAllStackTraces().keySet()) {
      if (!before.contains(thread) && BROKER_THREADS.matcher(thread.getName()).matches()) {
        // A pool can report termination just before its last thread has ended.
        assertThat(thread.join(Duration.ofMinutes(1))).as(thread.getName()).isTrue();
      }
    }
  }

  @Test
  void aBrokerIsNotReadyWhileItsClaimsFailAndSaysWhy() {
    try (var broker = Broker.start(config());
        var health = HealthClient.of(broker)) {
      database.execute("alter table pgmq.q_catalog_queue rename to hidden");
      var reason = "claims: the latest claim failed: could not claim from queue catalog_queue";
      Await.until("not ready", () -> health.body("/health/ready").contains(reason));
      assertThat(health.status("/health/ready")).isEqualTo(503);
      database.execute("alter table pgmq.hidden rename to q_catalog_queue");
      Await.until("ready", () -> health.status("/health/ready") == 200);
      Await.until("threads", () -> health.body("/health").contains("threads work"));
      Await.until("progress", () -> health.body("/health").contains("steps start when"));
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

  private BrokerConfig config() {
    return BrokerConfigs.standalone(database.brokerConfig(), 2, Duration.ofMillis(300));
  }
}
