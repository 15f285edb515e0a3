package org.wasmbroker.protocol.tasker.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.tasker.RecoveryConfig;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.protocol.tasker.claim.ClaimedRow;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TaskerRows;

class WorkerRecoveryIT {
  private static final String TEMPLATE =
      """
      {"name":"single","namespace_name":"catalog","version":"1.0.0","steps":[
        {"name":"only","handler":{"callable":"transform"}}]}\
      """;
  private static final String FRAGILE =
      """
      {"name":"fragile","namespace_name":"catalog","version":"1.0.0","steps":[
        {"name":"only","handler":{"callable":"transform"},
          "retry":{"retryable":true,"max_attempts":2}}]}\
      """;
  private static final String NEVER_AGAIN =
      """
      {"name":"once","namespace_name":"catalog","version":"1.0.0","steps":[
        {"name":"only","handler":{"callable":"transform"},"retry":{"retryable":false}}]}\
      """;

  private TaskerDatabase tasker;
  private Database database;
  private FakeOrchestrator orchestrator;
  private TaskerRows rows;
  private JournalledWorker dead;
  private JournalledWorker living;

  @BeforeEach
  void create() {
    tasker = TaskerDatabase.create();
    database = Database.open(tasker.workerConfig(), "recovery-test", TaskerSession.SQL);
    new BrokerSchema(database, SchemaPart.RECOVERY).migrate();
    orchestrator = new FakeOrchestrator(tasker);
    rows = new TaskerRows(tasker);
    dead = beating("host-of-the-dead");
    living = beating("host-of-the-living");
  }

  @AfterEach
  void drop() {
    database.close();
    tasker.close();
  }

  @Test
  void aStepOfADeadWorkerFailsAsIfReportedByTheWorker() {
    var task = orchestrator.submit(TEMPLATE, "{}");
    var claimed = dead.claim(10);
    assertThat(claimed).hasSize(1);
    silence(dead);

    assertThat(living.recovery.recover()).isOne();

    var transitions = rows.transitions(task.step());
    assertThat(transitions)
        .extracting(TaskerRows.Transition::to)
        .containsExactly(
            "pending", "enqueued", "in_progress", "enqueued_as_error_for_orchestration");
    assertThat(transitions)
        .extracting(TaskerRows.Transition::mostRecent)
        .containsExactly(false, false, false, true);
    var metadata = transitions.getLast().metadata();
    assertThat(metadata.path("worker_uuid").asString()).isEqualTo(living.id.toString());
    assertThat(metadata.path("correlation_id").asString()).isEqualTo(task.correlation().toString());
    var event = transitions.getLast().event();
    assertThat(event.path("type").asString()).isEqualTo("EnqueueAsErrorForOrchestration");
    var row = rows.step(task.step());
    assertThat(row.results()).isEqualTo(event.path("data"));
    assertThat(row.inProcess()).isFalse();
    assertThat(row.processed()).isFalse();
    assertThat(row.attempts()).as("it may never have run").isZero();
    assertThat(row.results().path("status").asString()).isEqualTo("failed");
    assertThat(row.results().path("metadata").path("retryable").asBoolean()).isTrue();
    var error = row.results().path("error");
    assertThat(error.path("error_type").asString()).isEqualTo("worker_lost");
    assertThat(error.path("message").asString())
        .contains(dead.id.toString(), "on host-of-the-dead");
    assertThat(rows.audits(task.step()))
        .singleElement()
        .satisfies(
            audit -> {
              assertThat(audit.worker()).isEqualTo(living.id);
              assertThat(audit.success()).isFalse();
            });
    assertThat(rows.queued("orchestration_step_results").toString())
        .contains(task.task().toString(), task.step().toString(), task.correlation().toString());
    assertThat(claims()).isEmpty();
    assertThat(workers()).containsExactly("host-of-the-living");
    assertThat(living.recovered).hasValue(1);
  }

  @Test
  void theOrchestratorRetriesTheStepOnAnotherWorker() {
    var task = orchestrator.submit(TEMPLATE, "{}");
    dead.claim(10);
    silence(dead);
    living.recovery.recover();

    orchestrator.retry(task.step());
    var again = living.claim(10);

    assertThat(again).singleElement().extracting(ClaimedRow::attempts).isEqualTo(0);
    assertThat(again).singleElement().extracting(ClaimedRow::lostStarts).isEqualTo(0);
    living.completions.write(again.stream().map(JournalledWorker::success).toList());
    assertThat(rows.state(task.step())).isEqualTo("enqueued_for_orchestration");
    assertThat(rows.step(task.step()).attempts()).isEqualTo(1);
    assertThat(claims()).isEmpty();
  }

  @Test
  void aStepThatNeverStartedIsNotPoisonedHoweverManyWorkersDie() {
    var task = orchestrator.submit(FRAGILE, "{}");
    for (int lost = 0; lost < 5; lost++) {
      var victim = beating("host-" + lost);
      assertThat(victim.claim(10)).hasSize(1);
      silence(victim);
      assertThat(living.recovery.recover()).isOne();
      orchestrator.retry(task.step());
    }

    var claimed = living.claim(10);
    assertThat(claimed).singleElement().extracting(ClaimedRow::lostStarts).isEqualTo(0);
    assertThat(claimed).singleElement().extracting(ClaimedRow::attempts).isEqualTo(0);
  }

  @Test
  void everyLossAfterAStartCountsAndAStepThatNobodyLostIsNoSuspect() {
    var task = orchestrator.submit(TEMPLATE, "{}");
    assertThat(dead.claim(10)).singleElement().extracting(ClaimedRow::lostStarts).isNull();
    silence(dead);
    living.recovery.recover();
    orchestrator.retry(task.step());
    var next = beating("host-of-the-next-victim");
    next.claim(10);
    recordStarts();
    silence(next);
    living.recovery.recover();
    assertThat(rows.step(task.step()).attempts()).as("it has run").isOne();
    orchestrator.retry(task.step());

    assertThat(living.claim(10)).singleElement().extracting(ClaimedRow::lostStarts).isEqualTo(1);
  }

  @Test
  void aNonRetryableStepFailsPermanently() {
    var task = orchestrator.submit(NEVER_AGAIN, "{}");
    dead.claim(10);
    silence(dead);

    assertThat(living.recovery.recover()).isOne();

    assertThat(rows.results(task.step()).path("metadata").path("retryable").asBoolean(true))
        .isFalse();
    assertThat(rows.results(task.step()).path("error").path("retryable").asBoolean(true)).isFalse();
  }

  @Test
  void aStepThatKillsEveryWorkerIsPoisoned() {
    var task = orchestrator.submit(FRAGILE, "{}");
    dead.claim(10);
    silence(dead);
    assertThat(living.recovery.recover()).isOne();
    for (int lost = 0; lost < 2; lost++) {
      assertThat(rows.results(task.step()).path("error").path("error_type").asString())
          .isEqualTo("worker_lost");
      orchestrator.retry(task.step());
      var next = beating("host-of-the-next-victim-" + lost);
      assertThat(next.claim(10)).hasSize(1);
      recordStarts();
      silence(next);
      assertThat(living.recovery.recover()).isOne();
    }

    var results = rows.results(task.step());
    assertThat(results.path("error").path("error_type").asString()).isEqualTo("poisoned");
    assertThat(results.path("error").path("message").asString()).endsWith("attempt 2 of 2");
    assertThat(results.path("metadata").path("retryable").asBoolean(true)).isFalse();
  }

  @Test
  void claimsOfALiveWorkerAreUntouched() {
    var tasks = orchestrator.submit(TEMPLATE, "{}", 20);
    var other = beating("host-of-another");
    assertThat(other.claim(10)).hasSize(10);
    assertThat(living.claim(10)).hasSize(10);
    tasker.execute("update wasm_broker.claim set claimed_at = claimed_at - interval '1 day'");

    assertThat(living.recovery.recover()).isZero();

    assertThat(tasks).allSatisfy(t -> assertThat(rows.state(t.step())).isEqualTo("in_progress"));
    assertThat(claims()).hasSize(20);
  }

  @Test
  void eachWorkerHasItsOwnSilenceThreshold() {
    orchestrator.submit(TEMPLATE, "{}");
    var patient =
        new JournalledWorker(
            "patient",
            database,
            new RecoveryConfig(Duration.ofMinutes(5), Duration.ofHours(1)),
            null);
    patient.heartbeat.beatOnce();
    assertThat(patient.claim(10)).hasSize(1);
    silence(patient);

    assertThat(living.recovery.recover()).isZero();
    assertThat(claims()).hasSize(1);
  }

  @Test
  void stepsEndedByOthersMeanwhileAreUnchanged() {
    var tasks = orchestrator.submit(TEMPLATE, "{}", 3);
    assertThat(dead.claim(10)).hasSize(3);
    orchestrator.cancel(tasks.get(0).step());
    orchestrator.resolveManually(tasks.get(1).step());
    silence(dead);

    assertThat(living.recovery.recover()).isOne();

    assertThat(tasks)
        .extracting(task -> rows.state(task.step()))
        .containsExactly("cancelled", "resolved_manually", "enqueued_as_error_for_orchestration");
    assertThat(rows.results(tasks.get(0).step()).isNull()).isTrue();
    assertThat(rows.queued("orchestration_step_results")).hasSize(1);
    assertThat(claims()).isEmpty();
    assertThat(workers()).containsExactly("host-of-the-living");
  }

  @Test
  void aStepReclaimedByAnotherWorkerStaysWithIt() {
    var task = orchestrator.submit(TEMPLATE, "{}");
    dead.claim(10);
    silence(dead);
    living.recovery.recover();
    orchestrator.retry(task.step());
    var again = living.claim(10);
    // As if the dead worker's row and claim had come back with a restored backup.
    dead.heartbeat.beatOnce();
    silence(dead);
    tasker.execute(
        """
        insert into wasm_broker.claim
          (transition_uuid, workflow_step_uuid, worker_uuid, batch_uuid)
        select workflow_step_transition_uuid, workflow_step_uuid, '%s', gen_random_uuid()
        from workflow_step_transitions
        where to_state = 'in_progress' and not most_recent\
        """
            .formatted(dead.id));

    assertThat(living.recovery.recover()).isZero();

    assertThat(rows.state(task.step())).isEqualTo("in_progress");
    assertThat(claims()).containsExactly(again.getFirst().transition().toString());
  }

  @Test
  void concurrentRecoveryRecoversEachStepOnce() throws Exception {
    var tasks = orchestrator.submit(TEMPLATE, "{}", 1_200);
    assertThat(dead.claim(2_000)).hasSize(1_200);
    silence(dead);
    var together = new CyclicBarrier(4);
    var looks = new ArrayList<Callable<Integer>>();
    for (int i = 0; i < 4; i++) {
      var worker = beating("host-" + i);
      looks.add(
          () -> {
            together.await();
            return worker.recovery.recover();
          });
    }

    int failed = 0;
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (var look : threads.invokeAll(looks)) {
        failed += look.get();
      }
    }

    assertThat(failed).isEqualTo(1_200);
    assertThat(rows.queued("orchestration_step_results")).hasSize(1_200).doesNotHaveDuplicates();
    assertThat(
            tasker.query(
                """
                select count(*) from workflow_step_transitions
                where most_recent and sort_key = 4 and to_state = 'enqueued_as_error_for_orchestration'\
                """))
        .containsExactly(Integer.toString(tasks.size()));
    assertThat(claims()).isEmpty();
    assertThat(workers()).doesNotContain("host-of-the-dead");
  }

  @Test
  void lockedClaimsAreRecoveredOnTheNextRun() throws SQLException {
    var tasks = orchestrator.submit(TEMPLATE, "{}", 2);
    dead.claim(10);
    silence(dead);
    var locked = tasks.getFirst().step();
    var config = tasker.config();
    try (var other = DriverManager.getConnection(config.url(), config.user(), "postgres")) {
      other.setAutoCommit(false);
      try (var statement = other.createStatement()) {
        statement.execute(
            "select from tasker.workflow_step_transitions where most_recent and workflow_step_uuid = '%s' for update"
                .formatted(locked));
      }
      assertThat(living.recovery.recover()).isOne();
      assertThat(rows.state(locked)).isEqualTo("in_progress");
      assertThat(workers()).contains("host-of-the-dead");
      other.rollback();
    }

    assertThat(living.recovery.recover()).isOne();
    assertThat(rows.state(locked)).isEqualTo("enqueued_as_error_for_orchestration");
    assertThat(workers()).doesNotContain("host-of-the-dead");
  }

  @Test
  void abandonedClaimsAreRecoveredOnceOldEnough() {
    var task = orchestrator.submit(TEMPLATE, "{}");
    dead.claim(10);
    tasker.execute("delete from wasm_broker.worker where worker_uuid = '%s'".formatted(dead.id));
    assertThat(living.recovery.recover())
        .as("the worker may be about to send a heartbeat")
        .isZero();

    tasker.execute("update wasm_broker.claim set claimed_at = claimed_at - interval '1 day'");
    assertThat(living.recovery.recover()).isOne();

    assertThat(rows.results(task.step()).path("error").path("message").asString())
        .contains(dead.id.toString())
        .contains("is gone");
    assertThat(claims()).isEmpty();
  }

  @Test
  void aLateResultFromAWorkerDeclaredDeadIsRejected() {
    var task = orchestrator.submit(TEMPLATE, "{}");
    var claimed = dead.claim(10);
    silence(dead);
    living.recovery.recover();

    var late = dead.completions.write(claimed.stream().map(JournalledWorker::success).toList());
    dead.heartbeat.beatOnce();

    assertThat(late).isEmpty();
    assertThat(rows.state(task.step())).isEqualTo("enqueued_as_error_for_orchestration");
    assertThat(rows.queued("orchestration_step_results")).hasSize(1);
    assertThat(workers()).as("it is alive after all").contains("host-of-the-dead");
  }

  /** As if every claimed step was a suspect whose run has begun. */
  private void recordStarts() {
    tasker.execute("update wasm_broker.claim set started_at = clock_timestamp()");
  }

  private JournalledWorker beating(String hostname) {
    var worker = JournalledWorker.of(hostname, database);
    worker.heartbeat.beatOnce();
    return worker;
  }

  private void silence(JournalledWorker worker) {
    tasker.execute(
        "update wasm_broker.worker set seen_at = seen_at - interval '4 minutes' where worker_uuid = '%s'"
            .formatted(worker.id));
  }

  private List<String> claims() {
    return tasker.query("select transition_uuid::text from wasm_broker.claim").stream()
        .map(String::valueOf)
        .toList();
  }

  private List<String> workers() {
    return tasker.query("select hostname from wasm_broker.worker order by 1").stream()
        .map(String::valueOf)
        .toList();
  }
}
