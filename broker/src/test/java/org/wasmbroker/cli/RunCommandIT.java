package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.BrokerProcess;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.TestDatabase;
import org.wasmbroker.testing.TestModules;

/** The broker as a process: what signals do to it and to its steps. */
class RunCommandIT {
  private static final String RUNNING = "taking steps";
  private static final String SLOW = "[range(300000)] | add";

  /** A handler that the tests bring along. */
  private static final String HELD = "held";

  @TempDir private Path directory;

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
  void aSignalStopsItCleanlyAndNoStepIsLost() throws InterruptedException {
    queue.sendTransforms(200, SLOW, Duration.ofSeconds(30));
    try (var process = start("--set", "dispatch.drain-grace=10s")) {
      process.awaitLine(RUNNING);
      queue.awaitResults(5);
      process.terminate();

      assertThat(process.awaitExit()).as(process.output()).isZero();
      assertThat(process.output()).contains("stopped:").doesNotContain("Exception", "\tat ");
    }
    assertThat(queue.results() + queue.visible())
        .as("results, and steps to be taken")
        .isEqualTo(200);
    assertThat(queue.stepsWithResults()).isEqualTo(queue.results());
  }

  @Test
  void aSecondSignalTerminatesImmediately() throws InterruptedException {
    queue.sendStep(HELD, Duration.ofMinutes(4));
    try (var process =
            start(
                "--set",
                "dispatch.drain-grace=4m",
                "--set",
                "limits.time=4m",
                "--set",
                heldForEver());
        var client = BrokerProcess.health(process.awaitLine(RUNNING))) {
      Await.until("a guest runs", () -> client.metric("wasm_broker_guests_computing") > 0);
      process.terminate();
      process.awaitLine("stopping");
      process.terminate();

      assertThat(process.awaitExit()).isEqualTo(128 + 15);
    }
  }

  @Test
  void stepsOfAKilledBrokerAreRunByTheNextBroker() throws InterruptedException {
    queue.sendStep(HELD, Duration.ofMinutes(4)); // in whose middle it is killed, whenever that is
    queue.sendTransforms(200, SLOW, Duration.ofSeconds(30));
    try (var process =
        start(
            "--set",
            "queue.lease=4s",
            "--set",
            "database.query-timeout=1s",
            "--set",
            "limits.time=4m",
            "--set",
            heldForEver())) {
      process.awaitLine(RUNNING);
      queue.awaitResults(5);
      process.kill();
      process.awaitExit();
    }
    assertThat(queue.results()).as("killed in the middle").isLessThan(201);

    try (var process =
        start(
            "--set",
            "queue.lease=4s",
            "--set",
            "database.query-timeout=1s",
            "--set",
            heldNoMore())) {
      process.awaitLine(RUNNING);
      queue.awaitResults(201);
      process.terminate();
      process.awaitExit();
    }

    assertThat(queue.results("completed")).isEqualTo(201);
    assertThat(queue.stepsWithResults()).isEqualTo(201);
    assertThat(queue.queued()).isZero();
  }

  @Test
  void aStepThatKillsEveryBrokerIsPoisonedAndItsNeighboursComplete() throws InterruptedException {
    queue.sendTransforms(20, SLOW, Duration.ofSeconds(30));
    queue.sendStep(HELD, Duration.ofMinutes(4));
    queue.sendTransforms(20, SLOW, Duration.ofSeconds(30));
    String[] settings = {
      "--set",
      "queue.lost-claims=3",
      "--set",
      "dispatch.slots=2",
      "--set",
      "limits.time=4m",
      "--set",
      heldForEver()
    };
    for (int kills = 0; kills <= 3; kills++) { // the first start is not recorded
      try (var process = start(settings)) {
        process.awaitLine(RUNNING);
        queue.awaitMessage(
            kills == 0
                ? "msg_id = 21 and read_ct = 1"
                : "msg_id = 21 and headers ->> 'x-wasm-broker-started' = '%d'".formatted(kills));
        process.kill();
        process.awaitExit();
      }
      queue.expireLeases();
    }
    try (var process = start(settings)) {
      queue.awaitResults(41);
      process.terminate();
      process.awaitExit();
    }
    assertThat(queue.errorTypes()).containsExactly("poisoned");
    assertThat(queue.results("completed")).isEqualTo(40);
    assertThat(queue.deadLetters()).isOne();
    assertThat(queue.queued()).isZero();
  }

  @Test
  void noStepIsPoisonedThatHasNotStartedHoweverOftenItsBrokerIsKilled()
      throws InterruptedException {
    int waiting = 1200;
    int sent = 0;
    int mostClaims = 0;
    String[] settings = {
      "--set",
      "queue.lost-claims=2",
      "--set",
      "dispatch.slots=2",
      "--set",
      "dispatch.prefetch-window=10s"
    };
    for (int kills = 0; kills < 10; kills++) {
      int more = waiting - queue.queued(); // however many the last broker has run
      queue.sendTransforms(more, "[range(100000)] | add", Duration.ofSeconds(30));
      sent += more;
      try (var process = start(settings)) {
        process.awaitLine(RUNNING);
        queue.awaitClaimed(60);
        process.kill();
        process.awaitExit();
      }
      queue.expireLeases();
      mostClaims = Math.max(mostClaims, queue.mostClaimsOfAStepThatNeverStarted());
    }
    assertThat(mostClaims).as("lost often enough").isGreaterThanOrEqualTo(2);
    try (var process = start(settings)) {
      queue.awaitResults(sent);
      process.terminate();
      process.awaitExit();
    }
    assertThat(queue.poisonedWithoutStarts()).isZero();
    assertThat(queue.stepsWithResults()).isEqualTo(sent);
    assertThat(queue.queued()).isZero();
  }

  /** The setting with which the step of {@link #HELD} does not end. */
  private String heldForEver() {
    var modules = directory.resolve("endless");
    TestModules.addEndless(modules, HELD);
    return "registry.directory=" + modules;
  }

  /** The setting with which it ends at once. */
  private String heldNoMore() {
    var modules = directory.resolve("ending");
    TestModules.addFixed(modules, HELD, "{\"status\":\"completed\",\"result\":1}");
    return "registry.directory=" + modules;
  }

  private BrokerProcess start(String... settings) {
    var arguments = new String[settings.length + 1];
    arguments[0] = "run";
    System.arraycopy(settings, 0, arguments, 1, settings.length);
    return BrokerProcess.start(database, arguments);
  }
}
