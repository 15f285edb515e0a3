package org.wasmbroker.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.embedded.TaskerSchema;

class TaskerDatabaseIT {
  private static final String DIAMOND =
      """
      {"name":"diamond","namespace_name":"catalog","version":"1.0.0","steps":[
        {"name":"start","handler":{"callable":"transform","initialization":{"filter":"."}}},
        {"name":"left","handler":{"callable":"transform"},"dependencies":["start"]},
        {"name":"right","handler":{"callable":"transform"},"dependencies":["start"],"retry":{"max_attempts":7}},
        {"name":"end","handler":{"callable":"transform"},"dependencies":["left","right"]}]}""";

  private static TaskerDatabase database;
  private static FakeOrchestrator orchestrator;
  private static TaskerRows rows;

  @BeforeAll
  static void create() {
    database = TaskerDatabase.create();
    orchestrator = new FakeOrchestrator(database);
    rows = new TaskerRows(database);
  }

  @AfterAll
  static void drop() {
    database.close();
  }

  @Test
  void taskersSchemaIsAppliedOnce() {
    assertThat(
            database.query(
                "select count(*) from pg_tables where schemaname = 'tasker' and tablename not like '\\_%'"))
        .containsExactly("11");
    assertThat(
            TaskerSchema.apply(
                TaskerDatabase.migrations(), database.database().url(), "postgres", "postgres"))
        .isFalse();
  }

  @Test
  void aSubmittedTaskHasItsFirstStepEnqueuedAndTheOthersPending() {
    var task = orchestrator.submit(DIAMOND, "{\"x\":1}");

    assertThat(rows.states(task.step("start"))).containsExactly("pending", "enqueued");
    assertThat(rows.states(task.step("end"))).containsExactly("pending");
    assertThat(rows.step(task.step("right")).maxAttempts()).isEqualTo(7);
    assertThat(rows.step(task.step("start")).inputs()).hasToString("{\"filter\":\".\"}");
    assertThat(rows.queued("worker_catalog_queue").toString())
        .contains(task.step("start").toString(), task.correlation().toString());
    assertThat(
            database.query(
                "select count(*) from workflow_step_edges e join workflow_steps s on s.workflow_step_uuid = e.to_step_uuid where s.task_uuid = '%s'"
                    .formatted(task.task())))
        .containsExactly("4");
  }

  @Test
  void aCompletedStepIsADependencyWithAResult() {
    var task = orchestrator.submit(DIAMOND, "{}");
    orchestrator.completeWith(task.step("start"), "{\"y\":2}");

    assertThat(rows.transitions(task.step("start")))
        .extracting(TaskerRows.Transition::mostRecent)
        .containsExactly(false, false, true);
    assertThat(
            database.query(
                "select distinct results->'result'->>'y' from get_step_transitive_dependencies('%s') where processed"
                    .formatted(task.step("end"))))
        .containsExactly("2");
  }

  @Test
  void aRetrySendsANewMessage() {
    var task = orchestrator.submit(DIAMOND.replace("catalog", "retried"), "{}");
    orchestrator.retry(task.step("start"));

    assertThat(rows.states(task.step("start")))
        .containsExactly("pending", "enqueued", "waiting_for_retry", "pending", "enqueued");
    assertThat(rows.queued("worker_retried_queue")).hasSize(2);
  }

  @Test
  void thousandsOfTasksAreCreatedAtOnce() {
    var tasks = orchestrator.submit(DIAMOND.replace("catalog", "many"), "{}", 2_000);

    assertThat(tasks).hasSize(2_000).allSatisfy(task -> assertThat(task.steps()).hasSize(4));
    assertThat(rows.queued("worker_many_queue")).hasSize(2_000);
  }
}
