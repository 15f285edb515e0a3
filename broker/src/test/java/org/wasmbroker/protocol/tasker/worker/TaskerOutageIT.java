package org.wasmbroker.protocol.tasker.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.protocol.OutageContract;
import org.wasmbroker.protocol.tasker.RecoveryConfig;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.step.Step;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.LossyProxy;
import org.wasmbroker.testing.Outcomes;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TestDatabase;

class TaskerOutageIT extends OutageContract<TaskerSteps> {
  private static TaskerDatabase postgres;

  @BeforeAll
  static void start() {
    postgres = TaskerDatabase.onOwnServer();
  }

  @AfterAll
  static void stop() {
    postgres.close();
  }

  @Override
  protected TestDatabase server() {
    return postgres.database();
  }

  @Override
  protected DatabaseConfig config() {
    return postgres.workerConfig();
  }

  @Override
  protected Database open(LossyProxy proxy) {
    return Database.open(proxy.config(), "outage-test", TaskerSession.SQL);
  }

  @Override
  protected TaskerSteps queue(Database database) {
    return new TaskerSteps(postgres, database, RecoveryConfig.DEFAULTS);
  }

  @Override
  protected String statementOf(Call call) {
    return switch (call) {
      case CLAIM -> "counted as";
      case RENEW -> "as asked(step, transition)";
      case COMPLETE, RELEASE -> "reported as";
    };
  }

  @Override
  protected String table() {
    return "tasker.workflow_step_transitions";
  }

  @Test
  void aClaimThatCommitsAfterItsConnectionBrokeIsFound() throws SQLException {
    var step = queue.ready(1).getFirst();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var blocking = lockRowsOf(step)) {
      var running = CompletableFuture.runAsync(() -> worker.claim(1), threads);
      untilItWaits(blocking);
      proxy.disconnectAll();
      assertTransient(() -> joined(running));
      assertThat(onceItIsBack(() -> worker.claim(1)).steps())
          .as("nothing is committed yet")
          .isEmpty();
      blocking.rollback();
      untilItIsHeld();
    }
    var found = onceThereAreSteps();
    assertThat(found).extracting(one -> one.id().value()).containsExactly(step);
    assertThat(worker.complete(List.of(Outcomes.completed(found.getFirst())))).isEmpty();
    assertThat(queue.ended()).containsExactly(step + " completed");
  }

  @Test
  void inDoubtClaimsAreFoundAfterTheLookupFailedToo() {
    var ready = queue.ready(2);
    proxy.loseResponse(statementOf(Call.CLAIM));
    assertTransient(() -> worker.claim(2));
    proxy.loseResponse("claim.batch_uuid = ");
    assertTransient(() -> worker.claim(2));
    assertThat(onceItIsBack(() -> worker.claim(2)).steps())
        .extracting(step -> step.id().value())
        .containsExactlyElementsOf(ready);
    assertThat(worker.claim(2).steps()).isEmpty();
  }

  @Test
  void aCompletionWithALostResponseIsRecognizedAfterTheStepMovedOn() {
    var other = queue.connect();
    queue.ready(1);
    var step = worker.claim(1).steps().getFirst();
    var retry = Outcomes.retry(step, Duration.ZERO);
    proxy.loseResponse(statementOf(Call.COMPLETE));
    assertTransient(() -> worker.complete(List.of(retry)));
    queue.processReports();
    var again = onceItIsBack(() -> other.claim(1)).steps().getFirst();

    assertThat(worker.complete(List.of(retry))).isEmpty();
    assertThat(worker.complete(List.of(Outcomes.completed(step)))).containsExactly(step.claim());

    assertThat(other.complete(List.of(Outcomes.completed(again)))).isEmpty();
    assertThat(queue.ended()).containsExactly(step.id() + " completed");
    other.close();
  }

  @Test
  void inDoubtClaimsEndedByOthersAreNotDelivered() {
    var ready = queue.ready(2);
    proxy.loseResponse(statementOf(Call.CLAIM));
    assertTransient(() -> worker.claim(2));
    queue.cancel(ready.getFirst());
    assertThat(onceItIsBack(() -> worker.claim(2)).steps())
        .extracting(step -> step.id().value())
        .containsExactly(ready.getLast());
  }

  @Test
  void aClosingWorkerReleasesInDoubtClaims() {
    var ready = queue.ready(2);
    var leaving = queue.connect();
    proxy.loseResponse(statementOf(Call.CLAIM));
    assertTransient(() -> leaving.claim(2));
    leaving.close();
    queue.processReports();
    assertThat(onceItIsBack(() -> worker.claim(2)).steps())
        .extracting(step -> step.id().value())
        .containsExactlyElementsOf(ready);
    assertThat(queue.held()).isEqualTo(2);
  }

  private static Connection lockRowsOf(UUID step) throws SQLException {
    var connection = postgres.database().connect();
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      statement.execute(
          "select from tasker.workflow_step_transitions where workflow_step_uuid = '%s' for update"
              .formatted(step));
      return connection;
    }
  }

  /** An in-doubt call is looked up only periodically. */
  private List<Step> onceThereAreSteps() {
    return Await.value(
        "steps",
        () -> {
          var steps = onceItIsBack(() -> worker.claim(1)).steps();
          return steps.isEmpty() ? Optional.empty() : Optional.of(steps);
        });
  }

  private void untilItIsHeld() {
    Await.until("the step is held", () -> queue.held() > 0);
  }
}
