package org.wasmbroker.tasker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.TaskerEnvironment;

/** A broker that terminates while it holds steps, and another one that takes over. */
class BrokerTerminationE2E {
  private static final String TAKING_STEPS = "taking steps";
  private static final int STEPS = 50;

  private static final List<String> RECOVERED =
      List.of(
          "pending",
          "enqueued",
          "in_progress",
          "enqueued_as_error_for_orchestration",
          "waiting_for_retry",
          "pending",
          "enqueued",
          "in_progress",
          "enqueued_for_orchestration",
          "complete");

  private TaskerEnvironment stage;
  private Conformance conformance;

  @BeforeEach
  void prepare(@TempDir Path directory) {
    stage = new TaskerEnvironment("ended", "/tasker/workflows", directory);
    conformance = new Conformance(stage);
  }

  @Test
  void allStepsOfAKilledBrokerAreRetriedAndEveryTaskCompletes() throws InterruptedException {
    var tasks = new ArrayList<UUID>();
    try (var process = stage.startBrokerProcess(STEPS)) {
      process.awaitLine(TAKING_STEPS);
      for (int i = 0; i < STEPS; i++) {
        tasks.add(stage.submit("deadly", "{\"n\":%d}".formatted(i)));
      }
      for (var task : tasks) {
        stage.awaitStep(stage.step(task, "deadly_step"), "in_progress");
      }
      process.kill();
      process.awaitExit();
    }
    try (var _ = stage.startBroker(STEPS)) {
      for (var task : tasks) {
        stage.awaitTask(task, "complete");
        conformance.check(task);
        assertThat(stage.rows().states(stage.step(task, "deadly_step"))).isEqualTo(RECOVERED);
      }
    }
  }

  @Test
  void aStoppingBrokerReleasesItsStepsWithoutCountingTheAttempt() throws InterruptedException {
    UUID task;
    UUID step;
    try (var process = stage.startBrokerProcess(2)) {
      process.awaitLine(TAKING_STEPS);
      task = stage.submit("brief", "{}");
      step = stage.step(task, "brief_step");
      stage.awaitStep(step, "in_progress");
      process.terminate();

      assertThat(process.awaitExit()).as(process.output()).isZero();
    }
    assertThat(stage.rows().step(step).inProcess()).isFalse();
    try (var _ = stage.startBroker(2)) {
      stage.awaitTask(task, "complete");
    }
    assertThat(stage.rows().states(step)).isEqualTo(RECOVERED);
    assertThat(stage.rows().step(step).attempts()).isEqualTo(1);
  }

  @Test
  void theNextBrokerResumesFromTheCheckpoint() throws InterruptedException {
    UUID task;
    UUID step;
    try (var process = stage.startBrokerProcess(2)) {
      process.awaitLine(TAKING_STEPS);
      task = stage.submit("resumed", "{}");
      step = stage.step(task, "resumed_step");
      stage
          .rows()
          .await(
              "the checkpoint is kept",
              TaskerEnvironment.TIMEOUT,
              "select checkpoint is not null from workflow_steps where workflow_step_uuid = ?",
              step);
      process.kill();
      process.awaitExit();
    }
    try (var _ = stage.startBroker(2)) {
      stage.awaitTask(task, "complete");
    }
    conformance.check(task);
    assertThat(stage.rows().states(step)).isEqualTo(RECOVERED);
    assertThat(stage.rows().step(step).checkpoint().path("history"))
        .as("written once: the second attempt did not start over")
        .hasSize(1);
    assertThat(stage.rows().results(step).path("result")).hasToString("{\"rows\":100}");
  }
}
