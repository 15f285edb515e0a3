package org.wasmbroker.tasker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.embedded.TaskerClient.TaskRequest;
import org.wasmbroker.embedded.TaskerException;
import org.wasmbroker.embedded.TaskerOrchestrator;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TaskerRows;
import org.wasmbroker.testing.TaskerServer;
import org.wasmbroker.testing.TestDatabase;
import tools.jackson.databind.JsonNode;

/** The orchestrator as a process, and those of its functions that need no worker. */
class TaskerOrchestratorE2E {
  private static final String TWO_STEPS =
      """
      {"name":"two_steps","namespace_name":"alone","version":"1.0.0","steps":[
        {"name":"first","handler":{"callable":"transform","initialization":{"filter":"."}}},
        {"name":"second","handler":{"callable":"transform"},"dependencies":["first"]}]}""";

  private static TaskerDatabase database;
  private static TaskerOrchestrator orchestrator;
  private static TaskerRows rows;

  @BeforeAll
  static void start() {
    database = TaskerDatabase.create();
    orchestrator = TaskerServer.start(database);
    rows = new TaskerRows(database);
    new FakeOrchestrator(database).register(TWO_STEPS);
  }

  @AfterAll
  static void stop() {
    orchestrator.close();
    database.close();
  }

  @Test
  void aNewTaskHasOneEnqueuedAndOneWaitingStep() {
    var task = submit("{\"n\":1}");

    assertThat(orchestrator.client().task(task).path("status").asString())
        .isEqualTo("steps_in_process");
    assertThat(orchestrator.client().steps(task))
        .extracting(step -> step.path("current_state").asString())
        .containsExactly("enqueued", "pending");
    assertThat(rows.queued("worker_alone_queue"))
        .extracting(message -> message.path("task_uuid").asString())
        .contains(task.toString());
  }

  @Test
  void aDuplicateTaskContextIsRejected() {
    submit("{\"n\":2}");

    assertThatThrownBy(() -> submit("{\"n\":2}"))
        .isInstanceOf(TaskerException.class)
        .hasMessageContaining("409")
        .hasMessageContaining("already exists");
  }

  @Test
  void aTaskWithoutATemplateIsRejected() {
    var client = orchestrator.client();

    assertThatThrownBy(() -> client.submit(new TaskRequest("alone", "unheard_of", "1.0.0", "{}")))
        .isInstanceOf(TaskerException.class)
        .hasMessageContaining("404");
  }

  @Test
  void operatorsCanEndStepsAndTasks() {
    var task = submit("{\"n\":3}");
    var client = orchestrator.client();
    var first = step(client.steps(task).get(0));
    var second = step(client.steps(task).get(1));

    client.completeManually(task, first, "{\"total\":7}", "known");
    client.resolveManually(task, second, "not needed");

    assertThat(rows.state(first)).isEqualTo("complete");
    assertThat(rows.results(first).at("/result/total").asInt()).isEqualTo(7);
    assertThat(rows.state(second)).isEqualTo("resolved_manually");

    var cancelled = submit("{\"n\":4}");
    client.cancel(cancelled);

    assertThat(client.task(cancelled).path("status").asString()).isEqualTo("cancelled");
    assertThat(client.steps(cancelled))
        .extracting(step -> step.path("current_state").asString())
        .containsExactly("cancelled", "cancelled");
  }

  @Test
  void aKilledOrchestratorResumesFromTheDatabase() {
    try (var other = TaskerServer.start(database)) {
      var task = other.client().submit(new TaskRequest("alone", "two_steps", "1.0.0", "{\"n\":5}"));
      other.kill();
      assertThatThrownBy(() -> other.client().task(task)).isInstanceOf(TaskerException.class);

      other.resume();

      assertThat(other.client().task(task).path("total_steps").asInt()).isEqualTo(2);
    }
  }

  @Test
  void aMissingBinaryNamesTheBuildCommand() {
    var config = TaskerServer.configOf(Path.of("no", "such", "tasker-server"), database.config());

    assertThatThrownBy(() -> TaskerOrchestrator.start(config))
        .isInstanceOf(TaskerException.class)
        .hasMessageContaining("no/such/tasker-server")
        .hasMessageContaining("scripts/fetch-tasker server");
  }

  @Test
  void aDatabaseWithoutTheSchemaIsRejected() {
    try (var empty = TestDatabase.create()) {
      var config = TaskerServer.configOf(TaskerServer.program(), empty.config());

      assertThatThrownBy(() -> TaskerOrchestrator.start(config))
          .isInstanceOf(TaskerException.class)
          .hasMessageContaining("has no Tasker schema");
    }
  }

  @Test
  void aFailedStartShowsTheEndOfTheLog(@TempDir Path directory) throws IOException {
    var program = directory.resolve("tasker-server");
    Files.writeString(program, "#!/bin/sh\necho the reason\nexit 3\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    var config = TaskerServer.configOf(program, database.config());

    assertThatThrownBy(() -> TaskerOrchestrator.start(config))
        .isInstanceOf(TaskerException.class)
        .hasMessageContaining("exited with 3")
        .hasMessageContaining("the reason");
  }

  private static UUID submit(String context) {
    return orchestrator.client().submit(new TaskRequest("alone", "two_steps", "1.0.0", context));
  }

  private static UUID step(JsonNode step) {
    return UUID.fromString(step.path("step_uuid").asString());
  }
}
