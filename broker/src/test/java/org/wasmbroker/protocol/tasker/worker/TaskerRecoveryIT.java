package org.wasmbroker.protocol.tasker.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasmbroker.execution.StepRules.StartRecord;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.protocol.tasker.RecoveryConfig;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.Outcomes;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TaskerRows;

/** Recovery as seen through the port, in each of its configurations. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class TaskerRecoveryIT {
  private static final String TEMPLATE =
      """
      {"name":"single","namespace_name":"catalog","version":"1.0.0","steps":[
        {"name":"only","handler":{"callable":"transform"}}]}\
      """;
  private static final RecoveryConfig QUICK =
      new RecoveryConfig(Duration.ofMillis(100), Duration.ofSeconds(1));
  private static final String REPORTED = "enqueued_for_orchestration";

  private TaskerDatabase tasker;
  private Database database;
  private FakeOrchestrator orchestrator;
  private TaskerRows rows;

  @BeforeEach
  void create() {
    tasker = TaskerDatabase.create();
    database = Database.open(tasker.workerConfig(), "recovery-test", TaskerSession.SQL);
    orchestrator = new FakeOrchestrator(tasker);
    rows = new TaskerRows(tasker);
  }

  @AfterEach
  void drop() {
    database.close();
    tasker.close();
  }

  @Test
  void aClaimIsJournaledUntilItEnds() {
    orchestrator.submit(TEMPLATE, "{}", 3);
    try (var worker = worker(RecoveryConfig.DEFAULTS, null)) {
      var steps = worker.claim(10).steps();
      assertThat(count("wasm_broker.claim")).isEqualTo(3);
      assertThat(count("wasm_broker.worker")).isEqualTo(1);

      worker.complete(List.of(completed(steps.getFirst())));
      assertThat(count("wasm_broker.claim")).isEqualTo(2);
      worker.release(List.of(steps.get(1)));
      assertThat(count("wasm_broker.claim")).isEqualTo(1);
      orchestrator.cancel(steps.get(2).id().value());
      assertThat(worker.renew(List.of(steps.get(2)))).hasSize(1);
      assertThat(count("wasm_broker.claim")).isZero();
    }
    assertThat(count("wasm_broker.worker")).isZero();
  }

  @Test
  void abandonedStepsFailAndAreRetriedByAnotherWorker() {
    var task = orchestrator.submit(TEMPLATE, "{}");
    try (var leaving = worker(QUICK, null)) {
      assertThat(leaving.claim(10).steps()).hasSize(1);
    }
    try (var staying = worker(QUICK, null)) {
      Await.until("recovered", () -> !rows.state(task.step()).equals("in_progress"));
      orchestrator.retry(task.step());
      var again = staying.claim(10).steps();
      assertThat(again).hasSize(1);
      assertThat(again.getFirst().attempt().number()).isEqualTo(1);
      assertThat(again.getFirst().claim().isSuspect()).isTrue();
      assertThat(staying.recordStart(again.getFirst())).isEqualTo(StartRecord.RECORDED);
      assertThat(count("wasm_broker.suspect")).isEqualTo(1);
      assertThat(staying.complete(List.of(completed(again.getFirst())))).isEmpty();
      assertThat(count("wasm_broker.suspect")).isZero();
      assertThat(staying.recordStart(again.getFirst())).isEqualTo(StartRecord.LOST);
    }
    assertThat(rows.state(task.step())).isEqualTo(REPORTED);
  }

  @Test
  void aStepWhoseBrokerDiedContinuesWithTheModuleOfItsCheckpoint() {
    var tasks = orchestrator.submit(TEMPLATE, "{}", 2);
    var module = Outcomes.module("transform");
    try (var leaving = worker(QUICK, null)) {
      var steps = leaving.claim(10).steps();
      for (var step : steps) {
        var ran = Outcomes.receipt("transform");
        if (step.id().value().equals(tasks.getFirst().step())) {
          leaving.saveCheckpoint(step, module, new Checkpoint(Document.of("1"), 1, null));
          leaving.saveCheckpoint(step, module, new Checkpoint(Document.of("2"), 2, null));
        } else {
          var busy = StepError.retryable("busy", "try again");
          leaving.complete(
              List.of(new Outcome.Retry(step, busy, Duration.ZERO, Instant.now(), ran)));
          orchestrator.retry(step.id().value());
          assertThat(leaving.claim(10).steps()).hasSize(1);
        }
      }
    }
    try (var staying = worker(QUICK, null)) {
      Await.until("recovered", () -> count("wasm_broker.claim") == 0);
      for (var task : tasks) {
        orchestrator.retry(task.step());
      }
      assertThat(staying.claim(10).steps())
          .extracting(step -> step.id().value(), Step::pin)
          .containsExactlyInAnyOrder(
              tuple(tasks.getFirst().step(), ModulePin.of(module, true)),
              tuple(tasks.getLast().step(), ModulePin.of(module, false)));
    }
  }

  @Test
  void withoutRecoveryNoBrokerTablesAreCreatedOrUsed() {
    var tasks = orchestrator.submit(TEMPLATE, "{}", 2);
    try (var worker = worker(null, null)) {
      var steps = worker.claim(10).steps();
      assertThat(worker.renew(steps)).isEmpty();
      worker.complete(List.of(completed(steps.getFirst())));
      worker.release(List.of(steps.getLast()));
    }
    assertThat(tasks)
        .extracting(task -> rows.state(task.step()))
        .containsExactly(REPORTED, "enqueued_as_error_for_orchestration");
    assertThat(tasker.query("select tablename from pg_tables where schemaname = 'wasm_broker'"))
        .isEmpty();
  }

  @Test
  void tasksAndQueuesCanLiveInSeparateDatabases() {
    try (var queueing = TaskerDatabase.create()) {
      var task = orchestrator.submit(TEMPLATE, "{}");
      var queues = new TaskerRows(queueing);
      try (var worker = worker(RecoveryConfig.DEFAULTS, queueing.workerConfig())) {
        assertThat(worker.claim(10).steps()).as("the queue in this database is not read").isEmpty();
        queueing.execute(
            "select pgmq_send_with_notify('worker_catalog_queue', '%s', 0)"
                .formatted(rows.queued("worker_catalog_queue").getFirst()));

        var steps = worker.claim(10).steps();
        assertThat(steps).hasSize(1);
        assertThat(queues.queued("worker_catalog_queue")).isEmpty();
        var outcomes = List.of(completed(steps.getFirst()));
        assertThat(worker.complete(outcomes)).isEmpty();

        assertThat(rows.state(task.step())).isEqualTo(REPORTED);
        assertThat(queues.queued("orchestration_step_results").toString())
            .contains(task.step().toString());
        assertThat(count("wasm_broker.claim")).isZero();
        assertThat(worker.complete(outcomes)).as("a response that was lost").isEmpty();
        assertThat(queues.queued("orchestration_step_results"))
            .as("sent again, since it is not known whether it was sent")
            .hasSize(2);
      }
    }
  }

  private TaskerProtocol worker(
      @Nullable RecoveryConfig recovery, @Nullable DatabaseConfig queueDatabase) {
    var standard = TaskerConfig.DEFAULTS;
    var worker =
        new TaskerProtocol(
            database,
            new TaskerConfig(
                standard.namespaces(),
                standard.queues(),
                null,
                standard.defaultTimeout(),
                standard.watchInterval(),
                recovery,
                queueDatabase,
                standard.visibility()),
            new TaskerWorker(new WorkerIdentity(UUID.randomUUID().toString(), "here"), "test"),
            EventSink.NONE);
    worker.prepare();
    return worker;
  }

  private static Outcome completed(Step step) {
    return new Outcome.Completed(
        step, Document.of("{}"), Instant.now(), Receipt.none(Duration.ZERO));
  }

  private long count(String table) {
    return Long.parseLong(String.valueOf(tasker.query("select count(*) from " + table).getFirst()));
  }
}
