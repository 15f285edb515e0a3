package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.HealthClient;
import org.wasmbroker.testing.TestDatabase;

/** The whole broker while its database cannot be reached. */
class BrokerOutageIT {
  /** Of steps that end well, however slow the machine is. */
  private static final Duration LONG = Duration.ofSeconds(30);

  private static final Duration OUTAGE = Duration.ofSeconds(30);

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
    queue.sendTransforms(2_000, "[range(2000)] | add", LONG);
    try (var _ = Broker.start(config(), events)) {
      assertThat(claimed.await(5, TimeUnit.MINUTES)).isTrue();
      database.stop();
      assertThat(longEnough.await(5, TimeUnit.MINUTES)).isTrue();
      database.start();
      queue.awaitResults(2_000);
    }
    assertThat(queue.results("completed")).isEqualTo(2_000);
    assertThat(queue.stepsWithResults()).isEqualTo(2_000);
    assertThat(queue.queued()).isZero();
  }

  @Test
  void readinessFollowsTheDatabase() {
    try (var broker = Broker.start(config());
        var health = HealthClient.of(broker)) {
      Await.until("ready", () -> health.status("/health/ready") == 200);
      assertThat(health.status("/health/live")).isEqualTo(200);
      database.stop();
      Await.until("not ready", () -> health.status("/health/ready") == 503);
      assertThat(health.status("/health/live")).isEqualTo(200);
      database.start();
      Await.until("ready", () -> health.status("/health/ready") == 200);
    }
  }

  private BrokerConfig config() {
    return BrokerConfigs.standalone(database.brokerConfig(), 2, Duration.ofMillis(300));
  }
}
