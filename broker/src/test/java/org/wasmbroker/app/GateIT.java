package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TaskerRows;
import org.wasmbroker.testing.TestDatabase;

/**
 * A gate waits from attempt to attempt until the statements of docs/catalog.md bring its decision,
 * in both protocols.
 */
class GateIT {
  private static final Duration A_MINUTE = Duration.ofMinutes(1);

  /** The step of the statements in the document. */
  private static final String STEP = "0190b3a1-5c6d-7e8f-9a0b-1c2d3e4f5a70";

  @Test
  void aStandaloneGateEndsWithTheDecisionThatIsWrittenIntoItsMessage() throws IOException {
    try (var database = TestDatabase.create()) {
      var queue = new BrokerQueue(database);
      queue.send(
          List.of(
              """
              {"step_uuid":"%s","handler":"gate","max_attempts":100,
               "config":{"criteria":".deps.approval.status","by":".deps.approval.by",
                         "at":".deps.approval.at","retry_after_ms":500}}\
              """
                  .formatted(STEP)));
      var config = BrokerConfigs.standalone(database.brokerConfig(), 2, Duration.ofMillis(300));
      try (var _ = Broker.start(config)) {
        queue.awaitMessage("(headers->>'x-wasm-broker-failures')::int >= 1");
        database.execute(statement("standalone"));
        queue.awaitResults(1);
      }

      assertThat(
              database.query(
                  """
                  select message->'result'->>'outcome' || ' by ' || (message->'result'->>'by')
                  from pgmq.q_catalog_results"""))
          .containsExactly("approved by ada");
    }
  }

  @Test
  void aStandaloneGateThatRunsOutOfAttemptsIsADeadLetter() {
    try (var database = TestDatabase.create()) {
      var queue = new BrokerQueue(database);
      queue.send(
          List.of(
              """
              {"step_uuid":"%s","handler":"gate","max_attempts":1,"config":{"criteria":"null"}}\
              """
                  .formatted(STEP)));
      var config = BrokerConfigs.standalone(database.brokerConfig(), 2, Duration.ofMillis(300));
      try (var _ = Broker.start(config)) {
        queue.awaitResults(1);
      }

      assertThat(queue.errorTypes()).containsExactly("waiting");
      assertThat(queue.deadLetters()).isEqualTo(1);
    }
  }

  @Test
  void aGateOfTaskerCountsFromItsFirstAttemptAndEndsWithTheDecisionInItsInputs()
      throws IOException {
    try (var database = TaskerDatabase.create()) {
      var orchestrator = new FakeOrchestrator(database);
      var rows = new TaskerRows(database);
      var config = BrokerConfigs.tasker(database.workerConfig(), TaskerConfig.DEFAULTS);
      try (var _ = Broker.start(config)) {
        var step =
            orchestrator
                .submit(
                    """
                    {"name":"gate","namespace_name":"catalog","version":"1.0.0","steps":[
                      {"name":"only","retry":{"max_attempts":10},"handler":{"callable":"gate","initialization":{
                        "criteria":".step.inputs.approval.status","by":".step.inputs.approval.by",
                        "timeout_ms":86400000,"retry_after_ms":7000}}}]}""",
                    "{}")
                .step();
        rows.await("the first look", A_MINUTE, reported("failed"), step);
        var waiting = rows.results(step);
        assertThat(waiting.at("/metadata/error_type").asString()).isEqualTo("waiting");
        assertThat(waiting.at("/metadata/retryable").asBoolean()).isTrue();
        assertThat(waiting.at("/orchestration_metadata/headers/Retry-After").asString())
            .isNotEmpty();
        var since =
            Instant.ofEpochMilli(
                rows.step(step).checkpoint().at("/cursor/waiting_since_ms").asLong());

        database.execute(statement("tasker").replace(STEP, step.toString()));
        orchestrator.retry(step);
        rows.await("the decision", A_MINUTE, reported("completed"), step);
        var result = rows.results(step).path("result");
        assertThat(result.path("outcome").asString()).isEqualTo("approved");
        assertThat(result.path("by").asString()).isEqualTo("ada");
        assertThat(Instant.parse(result.path("waiting_since").asString())).isEqualTo(since);
      }
    }
  }

  private static String reported(String status) {
    return """
        select coalesce(results->>'status' = '%s', false) and not in_process
        from tasker.workflow_steps where workflow_step_uuid = ?"""
        .formatted(status);
  }

  /** The statement of the document that brings a decision. */
  private static String statement(String protocol) throws IOException {
    var document = Files.readString(Path.of("..", "docs", "catalog.md"));
    var found = Pattern.compile("(?ms)^```sql " + protocol + "\n(.*?)^```").matcher(document);
    assertThat(found.find()).isTrue();
    return Objects.requireNonNull(found.group(1));
  }
}
