package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.rollout.Rollout;
import org.wasmbroker.rollout.RolloutConfig;
import org.wasmbroker.rollout.RolloutReadResult;
import org.wasmbroker.rollout.RolloutReader;
import org.wasmbroker.rollout.Rollouts;
import org.wasmbroker.rollout.state.RolloutTables;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.RoutingFacts;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepOrigin;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.RolloutEvent;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.TestDatabase;

/**
 * Two whole brokers on one Postgres, with modules of two versions: 1.0.0 serves every step, 1.1.0
 * traps at the steps whose id begins with f.
 */
class RolloutBrokerIT {
  private final TestDatabase database = TestDatabase.create();
  private final BrokerQueue queue = new BrokerQueue(database);
  private final Semaphore applied = new Semaphore(0);
  private final Semaphore refused = new Semaphore(0);
  private final Semaphore rolledBack = new Semaphore(0);
  private final Semaphore reset = new Semaphore(0);
  private final Semaphore alone = new Semaphore(0);
  private final EventSink events =
      event -> {
        switch (event) {
          case RolloutEvent.Applied _ -> applied.release();
          case RolloutEvent.Refused _ -> refused.release();
          case RolloutEvent.RolledBack _ -> rolledBack.release();
          case RolloutEvent.Reset _ -> reset.release();
          case RolloutEvent.Shared(boolean shared) -> {
            if (!shared) {
              alone.release();
            }
          }
          default -> {}
        }
      };
  private final Random random = new Random(1);
  private @TempDir Path folder;

  @BeforeEach
  void addModules() throws IOException {
    addModule("1.0.0", false);
    addModule("1.1.0", true);
  }

  @AfterEach
  void closeDatabase() {
    database.close();
  }

  @Test
  void aVersionThatTrapsOnEveryTenthStepIsRolledBackByBothBrokersAndStableStepsAreUntouched()
      throws Exception {
    write(candidate(""));
    try (var one = Broker.start(config(database.config()), events);
        var other = Broker.start(config(database.config()), events)) {
      var first = send(600);
      queue.awaitResults(600);
      assertThat(rolledBack.tryAcquire(2, 5, TimeUnit.MINUTES)).as("by both").isTrue();
      assertThat(versionsOfFailed()).containsOnly("1.1.0");
      assertThat(first).hasSize(600);
      for (var broker : List.of(one, other)) {
        awaitHealth(broker, "h@1.1.0 is rolled back since", "allowed is 5% above");
      }
      assertThat(database.query("select version from wasm_broker.rollback"))
          .as("stored once")
          .containsExactly("1.1.0");

      int failed = queue.results("failed");
      var later = send(200);
      queue.awaitResults(800);
      assertThat(queue.results("failed")).isEqualTo(failed);
      var versions = versions();
      assertThat(later).allSatisfy(id -> assertThat(versions.get(id)).isEqualTo("1.0.0"));

      reset();
      assertThat(reset.tryAcquire(2, 5, TimeUnit.MINUTES)).isTrue();
      var again = send(50);
      queue.awaitResults(850);
      var versionsNow = versions();
      assertThat(again).anySatisfy(id -> assertThat(versionsNow.get(id)).isEqualTo("1.1.0"));
    }
  }

  @Test
  void everyStepGetsTheVersionThatItsIdSaysOnBothBrokers() throws Exception {
    write(candidate("    rollback: {on: []}\n"));
    try (var _ = Broker.start(config(database.config()), events);
        var _ = Broker.start(config(database.config()), events)) {
      var ids = send(300);
      queue.awaitResults(300);
      var rollouts = new Rollouts(rollout());
      var versions = versions();
      assertThat(ids)
          .allSatisfy(
              id ->
                  assertThat(versions.get(id))
                      .isEqualTo(
                          Objects.requireNonNull(rollouts.choose("h", new Facts(id)))
                              .version()
                              .selector()));
    }
  }

  @Test
  void aSwitchFromBlueToGreenUnderLoadLosesAndRepeatsNothing() throws Exception {
    write(channels("blue"));
    try (var _ = Broker.start(config(database.config()), events);
        var _ = Broker.start(config(database.config()), events)) {
      applied.drainPermits();
      var ids = sendGood(5_000);
      queue.awaitResults(500);
      write(channels("green"));
      assertThat(applied.tryAcquire(2, 5, TimeUnit.MINUTES)).isTrue();
      queue.awaitResults(5_000);
      assertThat(queue.results("completed")).isEqualTo(5_000);
      assertThat(queue.stepsWithResults()).isEqualTo(5_000);
      assertThat(versions().keySet()).containsExactlyInAnyOrderElementsOf(ids);

      write("handlers: none of this\n");
      assertThat(refused.tryAcquire(2, 5, TimeUnit.MINUTES)).isTrue();
      var later = sendGood(50);
      queue.awaitResults(5_050);
      var versions = versions();
      assertThat(later).allSatisfy(id -> assertThat(versions.get(id)).isEqualTo("1.1.0"));
    }
  }

  @Test
  void withoutTheRightToCreateTablesABrokerRollsBackByItselfAndSaysSo() throws Exception {
    write(candidate(""));
    try (var broker = Broker.start(config(database.brokerConfig()), events)) {
      assertThat(alone.tryAcquire(5, TimeUnit.MINUTES)).isTrue();
      send(300);
      queue.awaitResults(300);
      assertThat(rolledBack.tryAcquire(5, TimeUnit.MINUTES)).isTrue();
      awaitHealth(broker, "h@1.1.0 is rolled back since", "this broker rolls back by itself");
    }
  }

  private void addModule(String version, boolean traps) throws IOException {
    var result = "{\"status\":\"completed\",\"result\":{}}";
    var wat =
        """
        (module
          (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
          (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
          (memory (export "memory") 2)
          (data (i32.const 0) "%s")
          (func (export "run") (result i32)
            (drop (call $read_input (i32.const 1024) (i32.const 65536)))
            (if (i32.and (i32.const %d) (i32.eq (i32.load8_u (i32.const 1046)) (i32.const 102)))
              (then (unreachable)))
            (call $write_output (i32.const 0) (i32.const %d))))\
        """
            .formatted(result.replace("\"", "\\22"), traps ? 1 : 0, result.length());
    var home = Files.createDirectories(folder.resolve("modules").resolve("h").resolve(version));
    Files.write(home.resolve("module.wasm"), Wat.toWasm(wat).bytes());
    Files.writeString(
        home.resolve("manifest.json"),
        "{\"name\":\"h\",\"version\":\"%s\",\"abi\":\"1\"}".formatted(version));
  }

  private static String candidate(String more) {
    return """
    handlers:
      h:
        stable: 1.0.0
        candidate: 1.1.0
        weight: 50%%
    %s\
    """
        .formatted(more.isEmpty() ? "    rollback: {window: 5m, min-steps: 50}\n" : more);
  }

  private static String channels(String inService) {
    return """
    channels:
      blue: {h: 1.0.0}
      green: {h: 1.1.0}
    default-channel: %s
    """
        .formatted(inService);
  }

  /** Replaces the file atomically, as an operator's tools do. */
  private void write(String text) throws IOException {
    var next = Files.writeString(folder.resolve("next.yaml"), text);
    Files.move(next, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private Path file() {
    return folder.resolve("rollout.yaml");
  }

  private Rollout rollout() {
    return switch (RolloutReader.read(file())) {
      case RolloutReadResult.Valid(var rollout) -> rollout;
      case RolloutReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }

  private BrokerConfig config(DatabaseConfig connection) {
    return BrokerConfigs.with(
        BrokerConfigs.standalone(connection),
        RegistryConfig.DEFAULTS.withDirectory(folder.resolve("modules"), Duration.ofSeconds(10)),
        new RolloutConfig(file(), Duration.ofMillis(100), rollout()));
  }

  /** Steps of which every tenth makes 1.1.0 trap. */
  private List<UUID> send(int count) {
    var ids = new ArrayList<UUID>();
    for (int i = 0; i < count; i++) {
      ids.add(id(i % 10 == 9 ? "f" : "0"));
    }
    return sendAll(ids);
  }

  private List<UUID> sendGood(int count) {
    var ids = new ArrayList<UUID>();
    for (int i = 0; i < count; i++) {
      ids.add(id("0"));
    }
    return sendAll(ids);
  }

  /** Always the same ones, of which always as many get the candidate. */
  private UUID id(String first) {
    var any = new UUID(random.nextLong(), random.nextLong());
    return UUID.fromString(first + any.toString().substring(1));
  }

  private List<UUID> sendAll(List<UUID> ids) {
    queue.send(
        ids.stream()
            .map(id -> "{\"step_uuid\":\"%s\",\"handler\":\"h\",\"max_attempts\":1}".formatted(id))
            .toList());
    return ids;
  }

  private void reset() {
    try (var connected = Database.open(database.config(), "test")) {
      assertThat(RolloutTables.forCommand(connected).reset("h", "somebody")).hasSize(1);
      assertThat(RolloutTables.forCommand(connected).reset("h", "somebody")).isEmpty();
    }
  }

  /** The version that each step's result names. */
  private Map<UUID, String> versions() {
    return database
        .query(
            "select concat(message ->> 'step_uuid', ' ', substring(message::text from '\"version\":"
                + " \"([^\"]*)\"')) from pgmq.q_catalog_results")
        .stream()
        .map(row -> String.valueOf(row).split(" ", 2))
        .collect(Collectors.toMap(row -> UUID.fromString(row[0]), row -> row[1]));
  }

  private List<String> versionsOfFailed() {
    return database
        .query(
            "select substring(message::text from '\"version\": \"([^\"]*)\"') from"
                + " pgmq.q_catalog_results where message ->> 'status' = 'failed'")
        .stream()
        .map(String::valueOf)
        .toList();
  }

  /** A check that takes long has no result for a moment. */
  private static void awaitHealth(Broker broker, String... says) throws Exception {
    Await.until(
        "health with " + List.of(says),
        () -> {
          var health = health(broker);
          return Stream.of(says).allMatch(health::contains);
        });
  }

  private static String health(Broker broker) throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      var address = broker.httpAddress();
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + address.getPort() + "/health"))
                  .build(),
              BodyHandlers.ofString())
          .body();
    }
  }

  private record Facts(StepId id, StepOrigin origin) implements RoutingFacts {
    Facts(UUID id) {
      this(new StepId(id), StepOrigin.NONE);
    }

    @Override
    public @Nullable ModulePin pin() {
      return null;
    }
  }
}
