package org.wasmbroker.tasker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasmbroker.tasker.Conformance.COMPLETED;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.TaskerEnvironment;

class ManyTasksE2E {
  private static final int TASKS = 200;
  private static final int AT_ONCE = 8;

  @Test
  void twoHundredTasksAtOnceAllCompleteAndNoStepRunsTwice(@TempDir Path directory)
      throws InterruptedException, ExecutionException {
    var stage = new TaskerEnvironment("many_tasks", "/tasker/workflows", directory);
    var conformance = new Conformance(stage);
    try (var _ = stage.startBroker(4);
        var submitters = Executors.newFixedThreadPool(AT_ONCE)) {
      var tasks = new ArrayList<Future<UUID>>();
      for (int i = 0; i < TASKS; i++) {
        var context = "{\"n\":%d}".formatted(i);
        tasks.add(submitters.submit(() -> stage.submit("pair", context)));
      }
      for (int i = 0; i < TASKS; i++) {
        var task = tasks.get(i).get();
        stage.awaitTask(task, "complete");
        conformance.check(task);
        assertThat(stage.steps(task).values())
            .hasSize(2)
            .allSatisfy(step -> assertThat(stage.rows().states(step)).isEqualTo(COMPLETED));
        assertThat(stage.rows().results(stage.step(task, "pair_second")).at("/result/n").asInt())
            .isEqualTo(i + 1);
      }
    }
  }
}
