package org.wasmbroker.protocol.tasker.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.protocol.tasker.claim.ClaimedRow;
import org.wasmbroker.protocol.tasker.claim.StepClaimer;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TaskerRows;

/** What one statement writes for a result, and for whom if others change the step meanwhile. */
class CompletionWriterIT {
  private static final String TEMPLATE =
      """
      {"name":"single","namespace_name":"catalog","version":"1.0.0","steps":[
        {"name":"only","handler":{"callable":"transform"}}]}\
      """;
  private static final String RESULTS = "orchestration_step_results";
  private static final QueueName QUEUE = new Namespace("catalog").queue();

  private TaskerDatabase postgres;
  private Database database;
  private TaskerRows rows;
  private ExecutorService others;

  @BeforeEach
  void open() {
    postgres = TaskerDatabase.create();
    database = Database.open(postgres.workerConfig(), "test", TaskerSession.SQL);
    new BrokerSchema(database, SchemaPart.RECOVERY).migrate();
    rows = new TaskerRows(postgres);
    others = Executors.newVirtualThreadPerTaskExecutor();
  }

  @AfterEach
  void close() {
    others.close();
    database.close();
    postgres.close();
  }

  @Test
  void resultsAreSentAndNotifiedAsByTaskersOwnFunction() throws SQLException {
    var steps = claim(2);
    try (var listener = listen()) {
      writer().write(steps.stream().map(CompletionWriterIT::success).toList());
      var ours = notices(listener, 4);
      for (var step : steps) {
        postgres.query(
            """
            select pgmq_send_with_notify('%s', jsonb_build_object(
              'task_uuid', '%s'::uuid, 'step_uuid', '%s'::uuid, 'correlation_id', '%s'::uuid), 0)\
            """
                .formatted(RESULTS, step.task(), step.step(), step.correlation()));
      }
      var theirs = notices(listener, 4);

      assertThat(ours)
          .containsExactlyInAnyOrderElementsOf(theirs)
          .allSatisfy(notice -> assertThat(notice).contains("message_with_payload"));
    }
    var sent = sentRows();
    assertThat(sent).hasSize(4);
    assertThat(sent.subList(0, 2)).containsExactlyInAnyOrderElementsOf(sent.subList(2, 4));
  }

  @Test
  void aStepThatIsCancelledWhileItsResultWaitsKeepsNeitherResultNorMessage() throws Exception {
    var step = claim(1).getFirst();
    try (var cancelling = changing(step)) {
      var written = others.submit(() -> writer().write(List.of(success(step))));
      awaitThatItWaits(written);
      cancelling.commit();

      assertThat(written.get()).isEmpty();
    }
    assertThat(rows.queued(RESULTS)).isEmpty();
    assertThat(rows.audits(step.step())).isEmpty();
    assertThat(rows.step(step.step()).inProcess()).isTrue();
  }

  @Test
  void aResultThatWaitedForAChangeThatWasNotMadeIsWritten() throws Exception {
    var step = claim(1).getFirst();
    try (var cancelling = changing(step)) {
      var written = others.submit(() -> writer().write(List.of(success(step))));
      awaitThatItWaits(written);
      cancelling.rollback();

      assertThat(written.get()).containsExactly(step.transition());
    }
    assertThat(rows.queued(RESULTS)).hasSize(1);
    assertThat(rows.audits(step.step())).hasSize(1);
  }

  @Test
  void ofManyThatReportTheSameStepsAtOnceOneReportsEach() throws Exception {
    var steps = claim(20);
    var ends = steps.stream().map(CompletionWriterIT::success).toList();
    var writers = new ArrayList<Future<Set<UUID>>>();
    for (int i = 0; i < 4; i++) {
      writers.add(others.submit(() -> writer().write(ends)));
    }

    var written = new ArrayList<UUID>();
    for (var writer : writers) {
      written.addAll(get(writer));
    }

    assertThat(written)
        .containsExactlyInAnyOrderElementsOf(steps.stream().map(ClaimedRow::transition).toList());
    assertThat(rows.queued(RESULTS)).hasSize(20).doesNotHaveDuplicates();
  }

  private static Set<UUID> get(Future<Set<UUID>> writer)
      throws ExecutionException, InterruptedException {
    return writer.get();
  }

  private List<ClaimedRow> claim(int count) {
    new FakeOrchestrator(postgres).submit(TEMPLATE, "{}", count);
    var claims = new StepClaimer(database, UUID.randomUUID(), true, List.of(QUEUE));
    var claimed = claims.claim(QUEUE, count, UUID.randomUUID(), Set.of()).steps();
    assertThat(claimed).hasSize(count);
    return claimed;
  }

  private CompletionWriter writer() {
    return new CompletionWriter(database, UUID.randomUUID(), true, true);
  }

  private static Completion success(ClaimedRow row) {
    return new Completion(
        row.step(), row.transition(), row.task(), row.correlation(), true, Document.of("{}"), true);
  }

  /** A transaction in which someone else has ended the claim of a step. */
  private Connection changing(ClaimedRow step) throws SQLException {
    var connection = database.connect();
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      statement.execute(
          """
          update workflow_step_transitions set most_recent = false
          where workflow_step_uuid = '%s' and most_recent\
          """
              .formatted(step.step()));
    }
    return connection;
  }

  private void awaitThatItWaits(Future<Set<UUID>> written) {
    var waiting =
        """
        select count(*) > 0 from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'\
        """;
    Await.until(
        "it waits for the other", () -> written.isDone() || postgres.query(waiting).contains("t"));
    assertThat(written).isNotDone();
  }

  private Connection listen() throws SQLException {
    var connection = database.connect();
    try (var statement = connection.createStatement()) {
      statement.execute("listen pgmq_message_ready; listen \"pgmq_message_ready.orchestration\"");
    }
    return connection;
  }

  /** Channels and payloads, without what differs between any two messages. */
  private static List<String> notices(Connection listener, int count) throws SQLException {
    var notices = new ArrayList<PGNotification>();
    while (notices.size() < count) {
      var arrived =
          listener
              .unwrap(PGConnection.class)
              .getNotifications(Math.toIntExact(Duration.ofMinutes(5).toMillis()));
      assertThat(arrived).isNotEmpty();
      notices.addAll(Arrays.asList(arrived));
    }
    return notices.stream()
        .map(
            notice ->
                notice.getName()
                    + " "
                    + notice
                        .getParameter()
                        .replaceAll("(\"msg_id\" : )\\d+", "$1…")
                        .replaceAll("(\"ready_at\" : \")[-0-9T:.]+", "$1…"))
        .toList();
  }

  private List<String> sentRows() {
    return postgres
        .query(
            """
            select (to_jsonb(sent) - 'msg_id' - 'vt' - 'enqueued_at')::text
              || (vt between enqueued_at and clock_timestamp())
            from pgmq.q_%s sent order by msg_id\
            """
                .formatted(RESULTS))
        .stream()
        .map(String::valueOf)
        .toList();
  }
}
