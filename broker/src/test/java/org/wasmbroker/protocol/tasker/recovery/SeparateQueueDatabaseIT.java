package org.wasmbroker.protocol.tasker.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.protocol.tasker.claim.ClaimedRow;
import org.wasmbroker.protocol.tasker.claim.SeparateQueueClaims;
import org.wasmbroker.protocol.tasker.claim.StepMessages;
import org.wasmbroker.protocol.tasker.report.ResultMessage;
import org.wasmbroker.protocol.tasker.report.ResultNotifier;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TaskerRows;
import tools.jackson.databind.json.JsonMapper;

/** Tasker's tables in one database and its queues in another, on one server. */
class SeparateQueueDatabaseIT {
  private static final String TEMPLATE =
      """
      {"name":"single","namespace_name":"catalog","version":"1.0.0","steps":[
        {"name":"only","handler":{"callable":"transform"}}]}\
      """;
  private static final String RESULTS = "orchestration_step_results";
  private static final Duration HIDDEN = Duration.ofSeconds(30);

  private static final String MOVED = "moved_away";

  private TaskerDatabase tasker;
  private TaskerDatabase queueing;
  private Database database;
  private Database queueDatabase;
  private TaskerRows rows;
  private TaskerRows queues;
  private Pgmq pgmq;

  @BeforeEach
  void create() {
    tasker = TaskerDatabase.create();
    queueing = TaskerDatabase.create();
    database = Database.open(tasker.workerConfig(), "split-test", TaskerSession.SQL);
    queueDatabase = Database.open(queueing.workerConfig(), "split-queues-test", TaskerSession.SQL);
    new BrokerSchema(database, SchemaPart.RECOVERY).migrate();
    rows = new TaskerRows(tasker);
    queues = new TaskerRows(queueing);
    pgmq = new Pgmq(queueDatabase);
    queueing.execute("select pgmq.create('%s')".formatted(RESULTS));
    queueing.execute("select pgmq.create('%s')".formatted(JournalledWorker.QUEUE));
  }

  @AfterEach
  void drop() {
    database.close();
    queueDatabase.close();
    tasker.close();
    queueing.close();
  }

  @Test
  void aMessageIsReadClaimedAndArchivedAndItsResultIsSent() {
    var task = submit(1).getFirst();
    var worker = worker("one");
    var messages = read(10);

    assertThat(worker.claimRead(messages)).hasSize(1);
    pgmq.archive(JournalledWorker.QUEUE, messages.keySet());
    assertThat(queues.queued("worker_catalog_queue")).isEmpty();
    assertThat(queues.archived("worker_catalog_queue")).hasSize(1);

    send(worker, complete(worker, task));
    assertThat(queues.queued(RESULTS).toString())
        .contains(task.task().toString(), task.step().toString(), task.correlation().toString());
    assertThat(rows.state(task.step())).isEqualTo("enqueued_for_orchestration");
    assertThat(claims()).isZero();
    assertThat(rows.queued(RESULTS)).as("in Tasker's own database").isEmpty();
  }

  @Test
  void aReadMessageStaysInvisibleAndIsArchivedOnce() {
    submit(3);
    var first = read(2);
    assertThat(first).hasSize(2);
    assertThat(read(10)).hasSize(1).doesNotContainKeys(first.keySet().toArray(Long[]::new));
    assertThat(read(10)).isEmpty();
    pgmq.archive(JournalledWorker.QUEUE, first.keySet());
    pgmq.archive(JournalledWorker.QUEUE, first.keySet());
    assertThat(queues.archived("worker_catalog_queue")).hasSize(2);
  }

  @Test
  void aRereadMessageClaimsNothing() {
    submit(1);
    var worker = worker("one");
    assertThat(worker.claimRead(read(10))).hasSize(1);
    queueing.execute("select pgmq.set_vt('worker_catalog_queue', 1, 0)");

    var again = read(10);
    assertThat(again).hasSize(1);
    assertThat(worker("two").claimRead(again)).isEmpty();
  }

  /** Its text has more than 1 GiB, which no statement can return; its row has 3 KiB. */
  @Test
  void aMessageWithTooMuchTextToBeReadDoesNotKeepOthersInTheQueue() {
    var numbers = "('[' || repeat('1e131071,', 9999) || '1]')::jsonb";
    queueing.query("select pgmq.send('%s', %s)".formatted(JournalledWorker.QUEUE, numbers));
    queueing.query(
        "select pgmq.send('%s', jsonb_build_object('step_uuid', %s))"
            .formatted(JournalledWorker.QUEUE, numbers));
    queueing.query("select pgmq.send('%s', null)".formatted(JournalledWorker.QUEUE));
    var task = submit(1).getFirst();

    var claims = new SeparateQueueClaims(worker("one").claims, queueDatabase, HIDDEN);
    var claimed = claims.claim(JournalledWorker.QUEUE, 10, UUID.randomUUID(), Set.of());

    assertThat(claimed.steps()).extracting(ClaimedRow::step).containsExactly(task.step());
    assertThat(claimed.unreadable())
        .containsExactly("too long to be shown", "too long to be shown", "null");
    assertThat(queues.queued("worker_catalog_queue")).isEmpty();
  }

  @Test
  void anUnsentResultMessageIsSentByTheRecoveringWorker() {
    var task = submit(1).getFirst();
    var dead = worker("dead");
    dead.claimRead(read(10));
    complete(dead, task);
    assertThat(queues.queued(RESULTS)).as("it died between commit and send").isEmpty();
    silence(dead);

    var living = worker("living");
    assertThat(living.recovery.recover()).as("no step with a result fails").isZero();
    assertThat(claims()).as("until the message is sent").isOne();
    assertThat(results(living).resendOnce()).isPositive();

    assertThat(queues.queued(RESULTS)).hasSize(1);
    assertThat(queues.queued(RESULTS).toString()).contains(task.step().toString());
    assertThat(rows.state(task.step())).isEqualTo("enqueued_for_orchestration");
    assertThat(living.resent).hasValue(1);
    assertThat(claims()).isZero();
  }

  @Test
  void stepsOfADeadWorkerFailAndTheirMessagesGoToTheQueueDatabase() {
    var tasks = submit(20);
    var dead = worker("dead");
    assertThat(dead.claimRead(read(100))).hasSize(20);
    silence(dead);

    var living = worker("living");
    assertThat(living.recovery.recover()).isEqualTo(20);
    results(living).resendOnce();

    assertThat(tasks)
        .allSatisfy(
            task ->
                assertThat(rows.state(task.step()))
                    .isEqualTo("enqueued_as_error_for_orchestration"));
    assertThat(queues.queued(RESULTS)).hasSize(20).doesNotHaveDuplicates();
    assertThat(claims()).isZero();
    assertThat(tasker.query("select hostname from wasm_broker.worker")).containsExactly("living");
  }

  @Test
  void messagesTakenOverFromADeadWorkerAreTakenOverAgain() {
    submit(5);
    var first = worker("first");
    first.claimRead(read(100));
    silence(first);
    var second = worker("second");
    assertThat(second.recovery.recover()).isEqualTo(5);
    assertThat(queues.queued(RESULTS)).isEmpty();
    silence(second);

    var third = worker("third");
    assertThat(third.recovery.recover()).isZero();
    results(third).resendOnce();

    assertThat(queues.queued(RESULTS)).hasSize(5);
    assertThat(claims()).isZero();
  }

  @Test
  void aMessageThatCannotBeSentIsRetainedAndResent() {
    var task = submit(1).getFirst();
    var worker = worker("one");
    worker.claimRead(read(10));
    rename("q_" + RESULTS, MOVED);

    send(worker, complete(worker, task));
    assertThat(results(worker).resendOnce()).isLessThan(Duration.ofSeconds(1)).isPositive();
    assertThat(claims()).isOne();

    rename(MOVED, "q_" + RESULTS);
    results(worker).close();
    assertThat(queues.queued(RESULTS)).hasSize(1);
    assertThat(worker.resent).hasValue(1);
    assertThat(claims()).isZero();
  }

  @Test
  void withoutAJournalUnsentMessagesAreRetainedInMemory() {
    rename("q_" + RESULTS, MOVED);
    var message =
        new ResultMessage(
            UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());
    var results = new ResultNotifier(queueDatabase, null, EventSink.NONE);
    results.send(List.of(message));
    rename(MOVED, "q_" + RESULTS);
    results.resendOnce();
    results.close();
    assertThat(queues.queued(RESULTS))
        .singleElement()
        .isEqualTo(new JsonMapper().readTree(message.json()));
  }

  @Test
  void unsentMessagesSurviveMovingTheQueuesIntoTheSameDatabase() {
    var task = submit(1).getFirst();
    var dead = worker("dead");
    dead.claimRead(read(10));
    complete(dead, task);
    silence(dead);

    var moved = new JournalledWorker("moved", database, JournalledWorker.SLOW, null);
    assertThat(moved.recovery.recover()).isZero();

    assertThat(rows.queued(RESULTS)).hasSize(1);
    assertThat(claims()).isZero();
  }

  /** Tasks in Tasker's database, and their messages in the other. */
  private List<FakeOrchestrator.Task> submit(int count) {
    var tasks = new FakeOrchestrator(tasker).submit(TEMPLATE, "{}", count);
    for (var message : rows.queued("worker_catalog_queue")) {
      queueing.execute(
          "select pgmq_send_with_notify('worker_catalog_queue', '%s', 0)".formatted(message));
    }
    tasker.execute("select pgmq.purge_queue('worker_catalog_queue')");
    return tasks;
  }

  private JournalledWorker worker(String hostname) {
    var worker = new JournalledWorker(hostname, database, JournalledWorker.SLOW, queueDatabase);
    worker.heartbeat.beatOnce();
    return worker;
  }

  private Map<Long, UUID> read(int atMost) {
    var steps = new LinkedHashMap<Long, UUID>();
    for (var message :
        new StepMessages(queueDatabase).read(JournalledWorker.QUEUE, HIDDEN, atMost)) {
      steps.put(message.id(), Objects.requireNonNull(message.step()));
    }
    return steps;
  }

  private ResultMessage complete(JournalledWorker worker, FakeOrchestrator.Task task) {
    var transition = rows.transitions(task.step()).getLast().uuid();
    var result = JournalledWorker.success(task.step(), transition, task.task(), task.correlation());
    assertThat(worker.completions.write(List.of(result))).containsExactly(transition);
    return new ResultMessage(transition, task.task(), task.step(), task.correlation());
  }

  private static void send(JournalledWorker worker, ResultMessage message) {
    results(worker).send(List.of(message));
  }

  private static ResultNotifier results(JournalledWorker worker) {
    return Objects.requireNonNull(worker.results);
  }

  private void silence(JournalledWorker worker) {
    tasker.execute(
        "update wasm_broker.worker set seen_at = seen_at - interval '4 minutes' where worker_uuid = '%s'"
            .formatted(worker.id));
  }

  private long claims() {
    return Long.parseLong(
        String.valueOf(tasker.query("select count(*) from wasm_broker.claim").getFirst()));
  }

  private void rename(String table, String to) {
    queueing.execute("alter table pgmq.%s rename to %s".formatted(table, to));
  }
}
