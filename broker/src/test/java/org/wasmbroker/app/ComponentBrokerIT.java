package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.Components;
import org.wasmbroker.testing.TestDatabase;
import org.wasmbroker.testing.TestModules;

/** Components as handlers, from the queue to the results, beside handlers that are core modules. */
final class ComponentBrokerIT {
  /** Of steps that end well, however slow the machine is. */
  private static final int LONG = 30_000;

  @TempDir private Path modules;
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
  void componentsAndCoreModulesCompleteWhileAnEndlessComponentRunsOutOfTime() {
    TestModules.add(modules, "whole-step", Components.echo());
    TestModules.add(
        modules,
        "endless",
        new Components().code(Components.run("(loop $l (br $l)) unreachable")).handler());
    TestModules.addFixed(modules, "core", "{\"status\":\"completed\",\"result\":{\"core\":1}}");
    var messages = new ArrayList<String>();
    for (int i = 0; i < 60; i++) {
      if (i % 20 == 0) {
        messages.add(message("endless", 100, i));
      }
      messages.add(message("whole-step", LONG, i));
      messages.add(message("core", LONG, i));
    }
    queue.send(messages);

    try (var _ = Broker.start(config())) {
      queue.awaitResults(123);
    }

    assertThat(queue.results("completed")).isEqualTo(120);
    assertThat(queue.errorTypes())
        .containsExactly("limit_exceeded", "limit_exceeded", "limit_exceeded");
    assertThat(queue.queued()).isZero();
    assertThat(queue.sumOfResults("config,n"))
        .as("each of a component has its own step")
        .isEqualTo(59 * 60 / 2);
    assertThat(queue.sumOfResults("core")).isEqualTo(60);
  }

  private BrokerConfig config() {
    return BrokerConfigs.with(
        BrokerConfigs.standalone(database.brokerConfig(), 2, Duration.ofMillis(300)),
        RegistryConfig.DEFAULTS.withDirectory(modules, Duration.ofHours(1)));
  }

  private static String message(String handler, int timeoutMillis, int number) {
    return """
    {"step_uuid":"%s","handler":"%s","max_attempts":1,"timeout_ms":%d,"config":{"n":%d}}\
    """
        .formatted(UUID.randomUUID(), handler, timeoutMillis, number);
  }
}
