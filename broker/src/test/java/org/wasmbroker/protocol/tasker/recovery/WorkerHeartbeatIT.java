package org.wasmbroker.protocol.tasker.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.tasker.RecoveryConfig;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TaskerRows;

@Timeout(value = 10, unit = TimeUnit.MINUTES)
class WorkerHeartbeatIT {
  private static final String TEMPLATE =
      """
      {"name":"single","namespace_name":"catalog","version":"1.0.0","steps":[
        {"name":"only","handler":{"callable":"transform"}}]}\
      """;
  private static final RecoveryConfig QUICK =
      new RecoveryConfig(Duration.ofMillis(100), Duration.ofSeconds(2));

  private TaskerDatabase tasker;
  private Database database;

  @BeforeEach
  void create() {
    use(TaskerDatabase.create());
  }

  @AfterEach
  void drop() {
    database.close();
    tasker.close();
  }

  private void use(TaskerDatabase given) {
    tasker = given;
    database = Database.open(tasker.workerConfig(), "heartbeat-test", TaskerSession.SQL);
    new BrokerSchema(database, SchemaPart.RECOVERY).migrate();
  }

  @Test
  void aWorkerIsRegisteredFromStartToClose() {
    var worker = new JournalledWorker("here", database, QUICK, null);
    worker.heartbeat.start();
    assertThat(
            one("select hostname || ' ' || version || ' ' || dead_after from wasm_broker.worker"))
        .isEqualTo("here test 00:00:02");
    var first = seenAt();
    awaitChange(first);

    worker.heartbeat.close();
    worker.heartbeat.close();

    assertThat(one("select count(*) from wasm_broker.worker")).isEqualTo("0");
  }

  @Test
  void closingAWorkerThatWasNeverStartedDoesNothing() {
    new JournalledWorker("here", database, QUICK, null).heartbeat.close();
    assertThat(one("select count(*) from wasm_broker.worker")).isEqualTo("0");
  }

  @Test
  void claimsRemainingAtCloseAreRecoveredByOthers() {
    var task = new FakeOrchestrator(tasker).submit(TEMPLATE, "{}");
    var leaving = new JournalledWorker("leaving", database, QUICK, null);
    leaving.heartbeat.start();
    leaving.claim(1);
    leaving.heartbeat.close();
    var staying = new JournalledWorker("staying", database, QUICK, null);
    staying.heartbeat.start();

    var rows = new TaskerRows(tasker);
    Await.until("recovered", () -> !rows.state(task.step()).equals("in_progress"));

    assertThat(rows.state(task.step())).isEqualTo("enqueued_as_error_for_orchestration");
    staying.heartbeat.close();
  }

  @Test
  void recoveryStartsOnlyAfterASteadyHeartbeat() {
    new FakeOrchestrator(tasker).submit(TEMPLATE, "{}");
    var dead = JournalledWorker.of("dead", database);
    dead.heartbeat.beatOnce();
    dead.claim(1);
    var living = JournalledWorker.of("living", database);
    living.heartbeat.beatOnce();
    living.heartbeat.beatOnce();
    living.heartbeat.beatOnce();
    // After an outage of the database all have been silent.
    tasker.execute("update wasm_broker.worker set seen_at = seen_at - interval '4 minutes'");

    living.heartbeat.beatOnce();
    living.heartbeat.recoverOnce();
    living.heartbeat.beatOnce();
    living.heartbeat.recoverOnce();
    assertThat(living.recovered).as("the other may come back any moment").hasValue(0);

    living.heartbeat.beatOnce();
    living.heartbeat.recoverOnce();
    assertThat(living.recovered).as("it did not").hasValue(1);
  }

  @Test
  void aWorkerThatReturnsInTimeLosesNothing() {
    var task = new FakeOrchestrator(tasker).submit(TEMPLATE, "{}");
    var one = JournalledWorker.of("one", database);
    var two = JournalledWorker.of("two", database);
    one.heartbeat.beatOnce();
    two.heartbeat.beatOnce();
    one.claim(1);
    tasker.execute("update wasm_broker.worker set seen_at = seen_at - interval '4 minutes'");

    two.heartbeat.beatOnce();
    one.heartbeat.beatOnce();
    two.heartbeat.beatOnce();
    two.heartbeat.beatOnce();
    two.heartbeat.recoverOnce();

    assertThat(new TaskerRows(tasker).state(task.step())).isEqualTo("in_progress");
  }

  @Test
  void theHeartbeatResumesAfterADatabaseOutage() {
    drop();
    use(TaskerDatabase.onOwnServer());
    var worker = new JournalledWorker("here", database, QUICK, null);
    worker.heartbeat.start();
    tasker.database().stop();
    tasker.database().start();
    var before = seenAt();

    awaitChange(before);

    worker.heartbeat.close();
    assertThat(one("select count(*) from wasm_broker.worker")).isEqualTo("0");
  }

  @Test
  void aFailedHeartbeatIsRetriedSooner() {
    drop();
    use(TaskerDatabase.onOwnServer());
    var worker = JournalledWorker.of("here", database);
    assertThat(worker.heartbeat.beatOnce()).isEqualTo(JournalledWorker.SLOW.heartbeat());
    tasker.database().stop();
    assertThat(worker.heartbeat.beatOnce()).isLessThan(Duration.ofSeconds(4));
    assertThat(worker.heartbeat.recoverOnce()).isEqualTo(JournalledWorker.SLOW.heartbeat());
    tasker.database().start();
    assertThat(worker.heartbeat.beatOnce()).isEqualTo(JournalledWorker.SLOW.heartbeat());
    worker.heartbeat.close();
  }

  private void awaitChange(String seenAt) {
    Await.until("a heartbeat", () -> !seenAt().equals(seenAt));
  }

  private String seenAt() {
    return one("select seen_at::text from wasm_broker.worker");
  }

  private String one(String sql) {
    List<?> answer = tasker.query(sql);
    return String.valueOf(answer.getFirst());
  }
}
