package org.wasmbroker.tasker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.app.Broker;
import org.wasmbroker.testing.TaskerEnvironment;

/** What operators do to steps while they run. */
class OperatorActionsE2E {
  private static TaskerEnvironment stage;
  private static Broker broker;

  @BeforeAll
  static void start(@TempDir Path directory) {
    stage = new TaskerEnvironment("interventions", "/tasker/workflows", directory);
    broker = stage.startBroker(1);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  /** The broker has one slot: a task completes only after the 60 s guest was stopped. */
  private static void awaitFreeSlot() {
    long began = System.nanoTime();
    stage.awaitTask(stage.submit("pair", "{\"n\":1}"), "complete");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(45));
  }

  @Test
  void aCancelledStepIsStoppedAndWritesNothing() {
    var task = stage.submit("slow", "{}");
    var step = stage.step(task, "slow_step");
    stage.awaitStep(step, "in_progress");

    stage.client().cancel(task);
    awaitFreeSlot();

    assertThat(stage.rows().states(step))
        .containsExactly("pending", "enqueued", "in_progress", "cancelled");
    assertThat(stage.rows().step(step).processed()).isTrue();
    assertThat(stage.rows().step(step).inProcess()).isFalse();
    assertThat(stage.rows().results(step).isNull()).isTrue();
    assertThat(stage.rows().audits(step)).isEmpty();
    assertThat(stage.rows().archived("orchestration_step_results", step)).isEmpty();
    assertThat(stage.rows().taskState(task)).isEqualTo("cancelled");
  }

  @Test
  void aManuallyResolvedStepIsStoppedAndWritesNothing() {
    var task = stage.submit("slow", "{}");
    var step = stage.step(task, "slow_step");
    stage.awaitStep(step, "in_progress");

    stage.client().resolveManually(task, step, "done by hand");
    awaitFreeSlot();

    assertThat(stage.rows().states(step))
        .containsExactly("pending", "enqueued", "in_progress", "resolved_manually");
    assertThat(stage.rows().archived("orchestration_step_results", step)).isEmpty();
  }

  @Test
  void aManuallyCompletedStepIsStoppedAndKeepsThatResult() {
    var task = stage.submit("slow", "{}");
    var step = stage.step(task, "slow_step");
    stage.awaitStep(step, "in_progress");

    stage.client().completeManually(task, step, "{\"n\":7}", "known already");
    awaitFreeSlot();

    assertThat(stage.rows().states(step))
        .containsExactly("pending", "enqueued", "in_progress", "complete");
    assertThat(stage.rows().results(step).path("result")).hasToString("{\"n\":7}");
    assertThat(stage.rows().audits(step)).isEmpty();
  }
}
