package org.wasmbroker.tasker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasmbroker.tasker.Conformance.COMPLETED;
import static org.wasmbroker.tasker.Conformance.FAILED;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.app.Broker;
import org.wasmbroker.protocol.tasker.RanModule;
import org.wasmbroker.testing.TaskerEnvironment;
import tools.jackson.databind.JsonNode;

/** Workflows from submission to completion. All are submitted at once, and each test checks one. */
class WorkflowsE2E {
  private static final Map<String, UUID> TASKS = new HashMap<>();

  private static TaskerEnvironment stage;
  private static Conformance conformance;
  private static Broker broker;

  @BeforeAll
  static void submitAll(@TempDir Path directory) {
    stage = new TaskerEnvironment("workflows", "/tasker/workflows", directory);
    conformance = new Conformance(stage);
    broker = stage.startBroker(8);
    submit("retry", "retry", "{}");
    submit("exhausted", "exhausted", "{}");
    submit("timeout", "timeout", "{}");
    submit("linear", "linear", "{\"n\":3}");
    submit("diamond", "diamond", "{\"n\":4}");
    submit("decision for a clerk", "decision", "{\"amount\":20}");
    submit("decision for two", "decision", "{\"amount\":500}");
    submit("decision for nobody", "decision", "{\"amount\":0}");
    submit("batch", "batch", "{\"rows\":100}");
    submit("empty batch", "batch", "{\"rows\":0}");
    submit("permanent", "permanent", "{}");
    submit("unretryable", "unretryable", "{}");
    submit("unknown", "unknown", "{}");
    submit("checkpoint", "checkpoint", "{}");
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static void submit(String name, String workflow, String context) {
    TASKS.put(name, stage.submit(workflow, context));
  }

  /** Waits until a task has ended, and checks the invariants of every step. */
  private static UUID ended(String name, String state) {
    var task = Objects.requireNonNull(TASKS.get(name));
    stage.awaitTask(task, state);
    conformance.check(task);
    return task;
  }

  private static JsonNode result(UUID task, String step) {
    return stage.rows().results(stage.step(task, step)).path("result");
  }

  private static JsonNode error(UUID task, String step) {
    return stage.rows().results(stage.step(task, step)).path("error");
  }

  @Test
  void sequentialStepsSeeAllEarlierResults() {
    var task = ended("linear", "complete");

    assertThat(stage.steps(task).values())
        .hasSize(4)
        .allSatisfy(step -> assertThat(stage.rows().states(step)).isEqualTo(COMPLETED));
    assertThat(result(task, "linear_all"))
        .hasToString(
            "{\"name\":\"linear_all\",\"steps\":[\"linear_add\",\"linear_double\",\"linear_square\"],\"total\":62}");
  }

  @Test
  void aStepWaitsForBothBranchesOfADiamond() {
    var task = ended("diamond", "complete");

    assertThat(result(task, "diamond_end")).hasToString("{\"n\":45}");
    assertThat(stage.steps(task).values())
        .hasSize(4)
        .allSatisfy(step -> assertThat(stage.rows().states(step)).isEqualTo(COMPLETED));
  }

  @Test
  void aDecisionCreatesTheStepsItNames() {
    var forClerk = ended("decision for a clerk", "complete");

    assertThat(stage.steps(forClerk))
        .containsOnlyKeys("decision_read", "decision_route", "decision_clerk", "decision_end");
    assertThat(result(forClerk, "decision_end")).hasToString("{\"by\":[\"clerk\"]}");

    var forTwo = ended("decision for two", "complete");

    assertThat(stage.steps(forTwo))
        .containsOnlyKeys(
            "decision_read",
            "decision_route",
            "decision_manager",
            "decision_board",
            "decision_end");
    assertThat(result(forTwo, "decision_end")).hasToString("{\"by\":[\"board\",\"manager\"]}");
  }

  @Test
  void aDecisionForNoBranchesCompletesTheTask() {
    var task = ended("decision for nobody", "complete");

    assertThat(stage.steps(task)).containsOnlyKeys("decision_read", "decision_route");
  }

  @Test
  void eachBatchWorkerGetsItsCursorAndResultsAreAggregated() {
    var task = ended("batch", "complete");

    assertThat(stage.steps(task))
        .containsOnlyKeys(
            "batch_plan", "batch_rows_000", "batch_rows_001", "batch_rows_002", "batch_end");
    assertThat(result(task, "batch_rows_000")).hasToString("{\"rows\":40}");
    assertThat(result(task, "batch_rows_002")).hasToString("{\"rows\":20}");
    assertThat(result(task, "batch_end")).hasToString("{\"rows\":100}");
  }

  @Test
  void anEmptyBatchRunsANoOpWorker() {
    var task = ended("empty batch", "complete");

    var nothingToDo =
        stage.steps(task).entrySet().stream()
            .filter(step -> step.getKey().startsWith("batch_rows"))
            .findFirst()
            .orElseThrow()
            .getValue();
    assertThat(stage.rows().step(nothingToDo).inputs().path("is_no_op").asBoolean()).isTrue();
    assertThat(stage.rows().results(nothingToDo).path("success").asBoolean()).isTrue();
  }

  @Test
  void aRetryRespectsTheHandlersDelay() {
    var task = ended("retry", "complete");

    var step = stage.step(task, "retry_once");
    assertThat(stage.rows().states(step))
        .containsExactly(
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
    var failure = stage.rows().transitions(step).get(3).event().path("data");
    assertThat(failure.at("/orchestration_metadata/headers"))
        .hasToString("{\"Retry-After\":\"3\"}");
    assertThat(failure.at("/metadata/error_code").asString()).isEqualTo("503");
    assertThat(stage.rows().step(step).attempts()).isEqualTo(2);
    assertThat(result(task, "retry_after")).hasToString("{\"n\":3}");
  }

  /**
   * From there the next attempt knows it, though the orchestrator has changed the row meanwhile.
   */
  @Test
  void theModuleOfAnAttemptStaysInTheResultsUntilTheNextOne() {
    var task = stage.submit("retry", "{}");
    stage
        .rows()
        .await(
            "the module while the step waits for its retry",
            TaskerEnvironment.TIMEOUT,
            """
            select exists (
              select
              from workflow_steps step
              join workflow_step_transitions now using (workflow_step_uuid)
              where step.workflow_step_uuid = ? and step.attempts = 1
                and now.most_recent and now.to_state in ('waiting_for_retry', 'enqueued')
                and %s like 'scripted@1.0.0 sha256:%%')\
            """
                .formatted(RanModule.SQL),
            stage.step(task, "retry_once"));
    stage.awaitTask(task, "complete");
  }

  @Test
  void aStepFailsWhenItsAttemptsAreExhausted() {
    var task = ended("exhausted", "blocked_by_failures");

    var step = stage.step(task, "exhausted_step");
    assertThat(stage.rows().states(step))
        .containsExactly(
            "pending",
            "enqueued",
            "in_progress",
            "enqueued_as_error_for_orchestration",
            "waiting_for_retry",
            "pending",
            "enqueued",
            "in_progress",
            "enqueued_as_error_for_orchestration",
            "error");
    assertThat(stage.rows().step(step).processed()).isFalse();
    assertThat(stage.rows().states(stage.step(task, "exhausted_after"))).containsExactly("pending");
  }

  @Test
  void aPermanentFailureIsNotRetried() {
    var task = ended("permanent", "blocked_by_failures");

    assertThat(stage.rows().states(stage.step(task, "permanent_step"))).isEqualTo(FAILED);
    var metadata = stage.rows().results(stage.step(task, "permanent_step")).path("metadata");
    assertThat(metadata.path("retryable").asBoolean()).isFalse();
    assertThat(metadata.path("error_type").asString()).isEqualTo("bad_order");
    assertThat(metadata.path("error_code").asString()).isEqualTo("E7");
    assertThat(metadata.path("context")).hasToString("{\"order\":12}");
    assertThat(error(task, "permanent_step").path("message").asString()).isEqualTo("no such order");
  }

  @Test
  void aNonRetryableStepIsNotRetriedEvenIfItsHandlerAsksForIt() {
    var task = ended("unretryable", "blocked_by_failures");

    assertThat(stage.rows().states(stage.step(task, "unretryable_step"))).isEqualTo(FAILED);
  }

  @Test
  void anUnknownCallableFailsPermanently() {
    var task = ended("unknown", "blocked_by_failures");

    assertThat(stage.rows().states(stage.step(task, "unknown_step"))).isEqualTo(FAILED);
    assertThat(error(task, "unknown_step").path("error_type").asString())
        .isEqualTo("handler_not_found");
    assertThat(error(task, "unknown_step").path("message").asString()).contains("no_such_handler");
  }

  @Test
  void aTimedOutStepIsStoppedAndRetried() {
    var task = ended("timeout", "complete");

    var step = stage.step(task, "timeout_step");
    assertThat(stage.rows().step(step).attempts()).isEqualTo(2);
    var failure = stage.rows().transitions(step).get(3).event().path("data");
    assertThat(failure.at("/error/error_type").asString()).isEqualTo("handler_timeout");
    assertThat(failure.at("/metadata/retryable").asBoolean()).isTrue();
    assertThat(failure.at("/metadata/execution_time_ms").asInt()).isBetween(900, 5_000);
  }

  @Test
  void aStepResumesFromItsCheckpoint() {
    var task = ended("checkpoint", "complete");

    var step = stage.step(task, "checkpoint_step");
    assertThat(stage.rows().states(step)).isEqualTo(COMPLETED);
    var checkpoint = stage.rows().step(step).checkpoint();
    assertThat(checkpoint.path("cursor")).hasToString("{\"row\":40}");
    assertThat(checkpoint.path("items_processed").asInt()).isEqualTo(40);
    assertThat(checkpoint.path("accumulated_results")).hasToString("{\"total\":7}");
    assertThat(checkpoint.path("history")).hasSize(1);
    assertThat(result(task, "checkpoint_step")).hasToString("{\"rows\":100}");
  }
}
