package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.rollout.RolloutConfig;
import org.wasmbroker.rollout.RolloutReadResult;
import org.wasmbroker.rollout.RolloutReader;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.RolloutEvent;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TaskerRows;
import org.wasmbroker.testing.TestDatabase;

/**
 * A step that was tried with the candidate is tried with it again, although the weight is 0 by
 * then: on both protocols, with modules that always ask for another attempt.
 */
class KeptModuleIT {
  private final Semaphore applied = new Semaphore(0);
  private final EventSink events =
      event -> {
        if (event instanceof RolloutEvent.Applied) {
          applied.release();
        }
      };
  private @TempDir Path folder;

  @BeforeEach
  void addModules() throws IOException {
    for (var version : List.of("1.0.0", "1.1.0")) {
      var busy = busy(version); // the same bytes would be the same module
      var wat =
          """
          (module
            (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "%s")
            (func (export "run") (result i32) (call $write_output (i32.const 0) (i32.const %d))))\
          """
              .formatted(busy.replace("\"", "\\22"), busy.length());
      var home = Files.createDirectories(folder.resolve("modules").resolve("h").resolve(version));
      Files.write(home.resolve("module.wasm"), Wat.toWasm(wat).bytes());
      Files.writeString(
          home.resolve("manifest.json"),
          "{\"name\":\"h\",\"version\":\"%s\",\"abi\":\"1\"}".formatted(version));
    }
  }

  private static String busy(String version) {
    return """
    {"status":"failed","error":{"type":"busy","message":"later, says %s","retryable":true,"retry_after_ms":3600000}}\
    """
        .formatted(version);
  }

  @Test
  void ofAMessage() throws Exception {
    write("100%", "header: {x-tier: gold}");
    try (var database = TestDatabase.create()) {
      var queue = new BrokerQueue(database);
      try (var _ = Broker.start(config(BrokerConfigs.standalone(database.config())), events)) {
        var kept = send(database, "gold");
        var other = send(database, "tin");
        Await.until("two attempts", () -> failures(database) == 2);

        switchTo("0%", "header: {x-tier: gold}");
        var late = send(database, "gold");
        Await.until("three attempts", () -> failures(database) == 3);
        queue.expireLeases();
        queue.awaitResults(3);

        assertThat(version(database, kept)).isEqualTo("1.1.0");
        assertThat(version(database, other)).isEqualTo("1.0.0");
        assertThat(version(database, late)).isEqualTo("1.0.0");
      }
    }
  }

  @Test
  void ofATaskerStep() throws Exception {
    var condition = "{namespace: cat*, task: kept}";
    write("100%", condition);
    try (var database = TaskerDatabase.create()) {
      var orchestrator = new FakeOrchestrator(database);
      var rows = new TaskerRows(database);
      var config = BrokerConfigs.tasker(database.workerConfig(), TaskerConfig.DEFAULTS);
      try (var _ = Broker.start(config(config), events)) {
        var kept = orchestrator.submit(template("kept"), "{}").step();
        var other = orchestrator.submit(template("other"), "{}").step();
        assertThat(attempt(rows, kept, 1)).isEqualTo("1.1.0");
        assertThat(attempt(rows, other, 1)).as("a task of another name").isEqualTo("1.0.0");

        switchTo("0%", condition);
        orchestrator.retry(kept);
        var late = orchestrator.submit(template("kept"), "{}").step();

        assertThat(attempt(rows, kept, 2)).isEqualTo("1.1.0");
        assertThat(attempt(rows, late, 1)).isEqualTo("1.0.0");
      }
    }
  }

  private static UUID send(TestDatabase database, String tier) {
    var id = UUID.randomUUID();
    database.query(
        """
        select pgmq.send('catalog_queue', '{"step_uuid":"%s","handler":"h","max_attempts":2}',
          '{"X-Tier":"%s"}'::jsonb)\
        """
            .formatted(id, tier));
    return id;
  }

  private static int failures(TestDatabase database) {
    return Integer.parseInt(
        String.valueOf(
            database
                .query(
                    "select count(*) from pgmq.q_catalog_queue"
                        + " where headers ->> 'x-wasm-broker-failures' = '1'")
                .getFirst()));
  }

  /** The version that the result of a step names. */
  private static String version(TestDatabase database, UUID step) {
    return String.valueOf(
        database
            .query(
                """
                select message #>> '{metadata,custom,receipt,version}' from pgmq.q_catalog_results
                where message ->> 'step_uuid' = '%s'\
                """
                    .formatted(step))
            .getFirst());
  }

  /** The version that an attempt ran, once it has ended. */
  private static String attempt(TaskerRows rows, UUID step, int attempt) {
    Await.until(
        "attempt " + attempt,
        () -> {
          var row = rows.step(step);
          return row.attempts() == attempt && !row.inProcess() && !row.results().isNull();
        });
    return rows.results(step).at("/metadata/custom/receipt/version").asString();
  }

  private static String template(String name) {
    return """
    {"name":"%s","namespace_name":"catalog","version":"1.0.0","steps":[
      {"name":"only","handler":{"callable":"h"},"retry":{"max_attempts":3}}]}\
    """
        .formatted(name);
  }

  private void switchTo(String weight, String condition) throws Exception {
    applied.drainPermits();
    write(weight, condition);
    assertThat(applied.tryAcquire(5, TimeUnit.MINUTES)).isTrue();
  }

  private void write(String weight, String condition) throws IOException {
    var text =
        """
        handlers:
          h:
            stable: 1.0.0
            candidate: 1.1.0
            weight: %s
            when: %s
            rollback: {on: []}
        """
            .formatted(weight, condition.startsWith("{") ? condition : "{" + condition + "}");
    var next = Files.writeString(folder.resolve("next.yaml"), text);
    Files.move(next, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private Path file() {
    return folder.resolve("rollout.yaml");
  }

  private BrokerConfig config(BrokerConfig config) {
    var rollout =
        switch (RolloutReader.read(file())) {
          case RolloutReadResult.Valid(var valid) -> valid;
          case RolloutReadResult.Invalid(var problems) -> throw new AssertionError(problems);
        };
    return BrokerConfigs.with(
        config,
        RegistryConfig.DEFAULTS.withDirectory(folder.resolve("modules"), Duration.ofSeconds(10)),
        new RolloutConfig(file(), Duration.ofMillis(100), rollout));
  }
}
