package org.wasmbroker.tasker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.testing.TaskerEnvironment;
import org.wasmbroker.testing.TaskerRows;
import org.wasmbroker.testing.TaskerRows.Transition;
import tools.jackson.databind.JsonNode;

/**
 * What must hold for every step that a Tasker worker has processed, whatever its outcome: the rows
 * and messages that Tasker's own workers leave.
 */
final class Conformance {
  static final List<String> COMPLETED =
      List.of("pending", "enqueued", "in_progress", "enqueued_for_orchestration", "complete");
  static final List<String> FAILED =
      List.of("pending", "enqueued", "in_progress", "enqueued_as_error_for_orchestration", "error");

  private static final String RESULTS_QUEUE = "orchestration_step_results";
  private static final Pattern WRITTEN =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?\\+00:00");
  private static final Pattern INSTANT =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z");

  private final TaskerEnvironment stage;
  private final TaskerRows rows;

  Conformance(TaskerEnvironment stage) {
    this.stage = stage;
    this.rows = stage.rows();
  }

  /** Checks all steps of a task that has ended. */
  void check(UUID task) {
    stage.steps(task).values().forEach(step -> check(task, step));
  }

  private void check(UUID task, UUID step) {
    var transitions = rows.transitions(step);
    assertChain(transitions);
    var correlation = rows.correlation(task);
    for (var transition : transitions) {
      switch (transition.to()) {
        case "in_progress" -> assertClaim(transition);
        case "enqueued_for_orchestration" ->
            assertCompletion(transition, "EnqueueForOrchestration", step, correlation);
        case "enqueued_as_error_for_orchestration" ->
            assertCompletion(transition, "EnqueueAsErrorForOrchestration", step, correlation);
        default -> {}
      }
    }
    assertAudited(task, step, correlation, transitions);
    assertMessages(task, step, correlation, transitions);
    var row = rows.step(step);
    assertThat(row.inProcess()).as("in_process").isFalse();
    int claims = count(transitions, "in_progress");
    // An attempt does not count if its worker was lost and nobody knows whether it had begun.
    int mayBeLost = count(transitions, "enqueued_as_error_for_orchestration");
    assertThat(row.attempts())
        .as("attempts")
        .isBetween(Math.max(Math.min(1, claims), claims - mayBeLost), claims);
    assertThat(row.attempted()).as("last_attempted_at").isEqualTo(row.attempts() > 0);
  }

  /**
   * Without gaps, each transition from the state before it. On a loaded machine the orchestrator
   * enqueues a step twice within milliseconds: it then writes the same transition twice, at times
   * with the same sort key, and at times when a worker has claimed the step, which takes it back.
   */
  private static void assertChain(List<Transition> transitions) {
    @Nullable Transition before = null;
    for (var transition : transitions) {
      boolean repeated = before != null && isEnqueuedAgain(before, transition);
      if (before == null) {
        assertThat(transition.sortKey()).as("first sort_key").isEqualTo(1);
      } else if (!repeated) {
        assertThat(transition.sortKey()).as("sort_key").isEqualTo(before.sortKey() + 1);
        // a batch worker begins with enqueued, from a pending that has no row
        assertThat(transition.from())
            .as("from_state of %d", transition.sortKey())
            .isEqualTo(before.to());
      }
      assertThat(transition.mostRecent())
          .as("most_recent of %d", transition.sortKey())
          .isEqualTo(transition.uuid().equals(transitions.getLast().uuid()));
      before = transition;
    }
  }

  private static boolean isEnqueuedAgain(Transition before, Transition transition) {
    return "pending".equals(transition.from())
        && transition.to().equals("enqueued")
        && (before.to().equals("enqueued") || before.to().equals("in_progress"))
        && transition.sortKey() - before.sortKey() <= 1;
  }

  private static void assertClaim(Transition claim) {
    assertThat(claim.from()).isEqualTo("enqueued");
    assertThat(claim.metadata().propertyNames()).containsExactlyInAnyOrder("event", "timestamp");
    assertThat(claim.metadata().path("event").asString()).isEqualTo("{\"type\":\"Start\"}");
    assertThat(claim.metadata().path("timestamp").asString()).matches(WRITTEN);
  }

  private static void assertCompletion(
      Transition completion, String event, UUID step, UUID correlation) {
    assertThat(completion.from()).isEqualTo("in_progress");
    var metadata = completion.metadata();
    assertThat(metadata.propertyNames())
        .containsExactlyInAnyOrder("event", "timestamp", "worker_uuid", "correlation_id");
    assertThat(metadata.path("timestamp").asString()).matches(WRITTEN);
    assertThat(metadata.path("correlation_id").asString()).isEqualTo(correlation.toString());
    assertThat(completion.event().propertyNames()).containsExactly("type", "data");
    assertThat(completion.event().path("type").asString()).isEqualTo(event);
    assertResult(completion.event().path("data"), step);
  }

  /** The structure of Tasker's StepExecutionResult. */
  private static void assertResult(JsonNode result, UUID step) {
    assertThat(result.propertyNames())
        .containsExactlyInAnyOrder(
            "step_uuid",
            "success",
            "result",
            "metadata",
            "status",
            "error",
            "orchestration_metadata");
    assertThat(result.path("step_uuid").asString()).isEqualTo(step.toString());
    assertThat(result.path("success").isBoolean()).isTrue();
    assertThat(result.path("status").asString())
        .isEqualTo(result.path("success").asBoolean() ? "completed" : "failed");
    var metadata = result.path("metadata");
    assertThat(metadata.propertyNames())
        .contains(
            "execution_time_ms",
            "handler_version",
            "retryable",
            "completed_at",
            "worker_id",
            "worker_hostname",
            "started_at",
            "custom",
            "error_code",
            "error_type",
            "context");
    assertThat(metadata.path("execution_time_ms").isIntegralNumber()).isTrue();
    assertThat(metadata.path("started_at").asString()).matches(INSTANT);
    assertThat(metadata.path("completed_at").asString()).matches(INSTANT);
    assertThat(metadata.path("custom").isObject()).isTrue();
    assertThat(metadata.path("context").isObject()).isTrue();
    var orchestration = result.path("orchestration_metadata");
    assertThat(orchestration.path("headers").isObject()).isTrue();
    assertThat(orchestration.path("custom").isObject()).isTrue();
    var error = result.path("error");
    assertThat(error.isNull()).isEqualTo(result.path("success").asBoolean());
    if (!error.isNull()) {
      assertThat(error.path("message").asString()).isNotBlank();
      assertThat(error.path("retryable").asBoolean())
          .isEqualTo(metadata.path("retryable").asBoolean());
      assertThat(result.path("result")).hasToString("{}");
    }
  }

  /** One audit row, which a trigger writes, for each completion. */
  private void assertAudited(UUID task, UUID step, UUID correlation, List<Transition> transitions) {
    var completions =
        transitions.stream()
            .filter(transition -> transition.to().contains("orchestration"))
            .toList();
    var audits = rows.audits(step);
    assertThat(audits)
        .extracting(TaskerRows.Audit::transition)
        .containsExactlyInAnyOrderElementsOf(completions.stream().map(Transition::uuid).toList());
    for (var audit : audits) {
      var completion =
          completions.stream()
              .filter(transition -> transition.uuid().equals(audit.transition()))
              .findFirst()
              .orElseThrow();
      assertThat(audit.task()).isEqualTo(task);
      assertThat(audit.correlation()).isEqualTo(correlation);
      assertThat(audit.worker()).hasToString(completion.metadata().path("worker_uuid").asString());
      assertThat(audit.success()).isEqualTo(completion.to().equals("enqueued_for_orchestration"));
      assertThat(audit.executionTimeMs()).isNull();
    }
  }

  /**
   * Each message is in an archive, none is left: one to the worker for each time it was enqueued.
   */
  private void assertMessages(
      UUID task, UUID step, UUID correlation, List<Transition> transitions) {
    assertThat(rows.queued(stage.queue(), step)).as("left in the worker's queue").isEmpty();
    var arrived = rows.archived(stage.queue(), step);
    assertThat(arrived).hasSize(count(transitions, "enqueued"));
    assertThat(rows.queued(RESULTS_QUEUE, step)).as("left of the results").isEmpty();
    var resultMessages = rows.archived(RESULTS_QUEUE, step);
    assertThat(resultMessages)
        .hasSize(
            count(transitions, "enqueued_for_orchestration")
                + count(transitions, "enqueued_as_error_for_orchestration"));
    for (var message : resultMessages) {
      assertThat(message.propertyNames())
          .containsExactlyInAnyOrder("task_uuid", "step_uuid", "correlation_id");
      assertThat(message.path("task_uuid").asString()).isEqualTo(task.toString());
      assertThat(message.path("correlation_id").asString()).isEqualTo(correlation.toString());
    }
  }

  private static int count(List<Transition> transitions, String state) {
    return (int) transitions.stream().filter(transition -> transition.to().equals(state)).count();
  }
}
