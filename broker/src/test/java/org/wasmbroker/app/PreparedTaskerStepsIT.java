package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.FakeOrchestrator.Task;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TaskerRows;
import org.wasmbroker.testing.TestModules;

/** Tasker's steps whose module prepares, by a whole broker. */
class PreparedTaskerStepsIT {
  private static final String GUEST = "prepared-checkpoints";
  private static final int TASKS = 20;

  @TempDir private Path folder;

  @Test
  void aStepStartsWithTheImageOfItsConfigurationAlsoAfterACheckpoint() {
    TestModules.addGuest(folder, GUEST);
    try (var database = TaskerDatabase.create()) {
      var orchestrator = new FakeOrchestrator(database);
      var rows = new TaskerRows(database);
      var submitted = new LinkedHashMap<Task, String>();
      try (var _ = Broker.start(config(database))) {
        for (int configuration = 0; configuration < 3; configuration++) {
          var template = template(configuration);
          for (var task : orchestrator.submit(template, "{\"n\":1}", TASKS)) {
            submitted.put(task, "{\"a\":%d}".formatted(configuration));
          }
        }
        Await.until(
            "the results of all steps",
            () ->
                submitted.keySet().stream()
                    .noneMatch(task -> rows.results(task.step()).path("result").isMissingNode()));
      }

      int prepared = 0;
      for (var task : submitted.entrySet()) {
        var step = task.getKey().step();
        assertThat(rows.results(step).path("result")).hasToString(task.getValue());
        assertThat(rows.step(step).checkpoint().path("cursor")).hasToString(task.getValue());
        var receipt = rows.results(step).at("/metadata/custom/receipt");
        prepared += receipt.path("prepared").asBoolean() ? 1 : 0;
      }
      assertThat(prepared).as("of %d", submitted.size()).isGreaterThan(TASKS);
    }
  }

  private static String template(int configuration) {
    return """
    {"name":"prepared-%d","namespace_name":"catalog","version":"1.0.0","steps":[
      {"name":"only","handler":{"callable":"%s","initialization":{"a":%d}}}]}\
    """
        .formatted(configuration, GUEST, configuration);
  }

  private BrokerConfig config(TaskerDatabase database) {
    return BrokerConfigs.with(
        BrokerConfigs.tasker(database.workerConfig(), TaskerConfig.DEFAULTS),
        RegistryConfig.DEFAULTS.withDirectory(folder, Duration.ofHours(1)));
  }
}
