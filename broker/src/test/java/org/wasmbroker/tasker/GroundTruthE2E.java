package org.wasmbroker.tasker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.app.Broker;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.TaskerEnvironment;
import org.wasmbroker.testing.TestModules;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The same six tasks that were once run by a worker on Tasker's own library: the broker leaves the
 * same rows. What that worker left is in {@code ground-truth.json}, with names for ids and times.
 */
class GroundTruthE2E {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Map<String, UUID> TASKS = new HashMap<>();

  private static TaskerEnvironment stage;
  private static Broker broker;
  private static JsonNode truth;

  @BeforeAll
  static void submitAll(@TempDir Path directory) {
    truth = truth();
    stage = new TaskerEnvironment("catalog", "/tasker/ground-truth", directory);
    var modules = stage.modules();
    TestModules.add(modules, "validate", PrebuiltHandlers.module("transform"));
    TestModules.add(modules, "http_request", PrebuiltHandlers.module("transform"));
    TestModules.add(modules, "sleep", Guests.guest("loop"));
    fails(
        modules,
        "fail_retryable",
        "BenchError",
        "simulated retryable failure",
        "SIMULATED_RETRYABLE",
        true);
    fails(
        modules,
        "fail_permanent",
        "BenchError",
        "simulated permanent failure",
        "SIMULATED_PERMANENT",
        false);
    fails(
        modules,
        "error_return",
        "handler_error",
        "Worker error: simulated handler error",
        null,
        true);
    broker = stage.startBroker(4);
    for (var name : truth.propertyNames()) {
      TASKS.put(name, stage.submit(name, "{\"x\":1}"));
    }
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static void fails(
      Path modules,
      String name,
      String type,
      String message,
      @Nullable String code,
      boolean retryable) {
    var error = JSON.createObjectNode().put("type", type).put("message", message);
    error.put("retryable", retryable);
    if (code != null) {
      error.put("code", code);
    }
    var document = JSON.createObjectNode().put("status", "failed").set("error", error);
    TestModules.addFixed(modules, name, document.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "catalog_linear, complete",
    "err_retryable, blocked_by_failures",
    "err_permanent, blocked_by_failures",
    "err_unknown, blocked_by_failures",
    "err_timeout, blocked_by_failures",
    "err_return, blocked_by_failures"
  })
  void theRowsMatchThoseOfTaskersOwnWorker(String name, String state) {
    var task = Objects.requireNonNull(TASKS.get(name));
    stage.awaitTask(task, state);

    var ours = new StoredTask(stage, task).asJson();

    assertThat(AllowedDifferences.normalize(ours).toPrettyString())
        .isEqualTo(AllowedDifferences.normalize(truth.path(name)).toPrettyString());
  }

  private static JsonNode truth() {
    try (var file = GroundTruthE2E.class.getResourceAsStream("/tasker/ground-truth.json")) {
      return JSON.readTree(Objects.requireNonNull(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
