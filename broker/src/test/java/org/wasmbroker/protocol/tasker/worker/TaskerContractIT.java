package org.wasmbroker.protocol.tasker.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.OutageContract;
import org.wasmbroker.protocol.StepProtocolContract;
import org.wasmbroker.protocol.tasker.RecoveryConfig;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.testing.Outcomes;
import org.wasmbroker.testing.TaskerDatabase;

/** The contract, on Tasker's tables, with the broker's own tables. */
class TaskerContractIT extends StepProtocolContract<TaskerSteps> {
  private static TaskerDatabase postgres;
  private static Database database;

  @BeforeAll
  static void open() {
    postgres = TaskerDatabase.create();
    database = Database.open(postgres.workerConfig(), "contract-test", TaskerSession.SQL);
    new BrokerSchema(database, SchemaPart.RECOVERY).migrate();
  }

  @AfterAll
  static void closeAll() {
    database.close();
    postgres.close();
  }

  @Override
  protected TaskerSteps queue() {
    return new TaskerSteps(postgres, database, RecoveryConfig.DEFAULTS);
  }

  @Test
  void claimsAndCompletionsWaitForAConcurrentChangeOfTheSameStep() throws SQLException {
    var id = queue.ready(1).getFirst();
    var steps = whileTheStepIsChanged(id, () -> worker.claim(1).steps());
    assertThat(ids(steps)).containsExactly(id);
    assertThat(queue.held()).isEqualTo(1);
    var lost =
        whileTheStepIsChanged(
            id, () -> worker.complete(List.of(Outcomes.completed(steps.getFirst()))));
    assertThat(lost).isEmpty();
    assertThat(queue.ended()).containsExactly(id + " completed");
    assertThat(
            postgres.query(
                "select attempts || ' ' || priority from workflow_steps where workflow_step_uuid = '%s'"
                    .formatted(id)))
        .containsExactly("1 2");
  }

  private static <T> T whileTheStepIsChanged(UUID step, Supplier<T> call) throws SQLException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var change = postgres.database().connect();
        var statement = change.createStatement()) {
      change.setAutoCommit(false);
      statement.execute(
          "update tasker.workflow_steps set priority = priority + 1 where workflow_step_uuid = '%s'"
              .formatted(step));
      var answer = CompletableFuture.supplyAsync(call, threads);
      OutageContract.untilItWaits(change);
      change.commit();
      return answer.join();
    }
  }
}
