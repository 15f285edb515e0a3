package org.wasmbroker.protocol.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.execution.NewWork;
import org.wasmbroker.execution.StepRules.StartRecord;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.report.CompletionReporter;
import org.wasmbroker.report.ReportConfig;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.testing.Outcomes;
import org.wasmbroker.testing.RoleScripts;
import org.wasmbroker.testing.TestDatabase;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the standalone protocol does beyond the contract of all protocols. */
class StandaloneProtocolIT {
  private static final WorkerIdentity WORKER = new WorkerIdentity("worker-1", "here");
  private static FreshQueues queues;

  private final List<String> events = new ArrayList<>();
  private StandaloneConfig config;
  private StandaloneProtocol protocol;

  @BeforeAll
  static void open() {
    queues = new FreshQueues("standalone-test");
  }

  @AfterAll
  static void close() {
    queues.close();
  }

  /** Every test has queues of its own. */
  @BeforeEach
  void prepare() {
    config = queues.create();
    protocol = protocol(config);
    protocol.prepare();
  }

  @Test
  void theGuestReceivesTheMessagesMembers() {
    var id = UUID.randomUUID();
    send(
        "{\"step_uuid\":\"%s\",\"handler\":\"echo\",\"input\":{\"ü\":[1.50]}}".formatted(id), null);
    var text = claimOne().document().text();
    var document = read(text);
    assertThat(document.get("step").get("step_uuid").stringValue()).isEqualTo(id.toString());
    assertThat(document.get("step").get("attempt").intValue()).isEqualTo(1);
    assertThat(text).contains("\"context\":{\"ü\": [1.50]},");
  }

  /** Its text has more than 1 GiB, which no statement can return; its row has 3 KiB. */
  @Test
  void aMessageWithTooMuchTextToBeReadDoesNotKeepOthersInTheQueue() {
    var numbers = "('[' || repeat('1e131071,', 9999) || '1]')::jsonb";
    queues.execute(config, "select pgmq.send('%s', " + numbers + ")");
    queues.execute(
        config, "select pgmq.send('%s', '{}'::jsonb, jsonb_build_object('x', " + numbers + "))");
    send(step(), null);

    assertThat(protocol.claim(10).steps()).hasSize(1);
    var dead = config.queue() + " invalid";
    assertThat(events).containsExactly(dead, dead);
    assertThat(one("select count(*) from pgmq.a_%s")).isEqualTo("2");
    assertThat(one("select message ->> 'detail' from pgmq.q_%s_dlq limit 1"))
        .startsWith("the message has too much text to be read");
  }

  @Test
  void theTraceContextIsPropagatedFromTheMessageToTheResult() {
    send(
        step(),
        "{\"traceparent\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\",\"tracestate\":\"v=1\",\"mine\":true}");
    var step = claimOne();
    assertThat(step.trace().traceparent())
        .isEqualTo("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    protocol.complete(List.of(completed(step, "{}")));
    assertThat(one("select headers from pgmq.q_%s_results"))
        .isEqualTo(
            "{\"tracestate\": \"v=1\", \"traceparent\":"
                + " \"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\"}");
  }

  @Test
  void aFinishedStepIsArchivedAsPgmqWouldArchiveIt() {
    send(step(), "{\"mine\":true}");
    protocol.complete(List.of(completed(claimOne(), "{}")));
    assertThat(
            one(
                """
                select concat_ws(' ', msg_id, read_ct, headers, message ->> 'handler',
                  last_read_at is not null, archived_at is not null, vt > enqueued_at)
                from pgmq.a_%s
                """))
        .isEqualTo("1 1 {\"mine\": true} echo t t t");
  }

  @Test
  void withoutAnArchiveAStepLeavesOnlyItsResultAndADeadLetterStillHasItsMessage() {
    var lean = withoutArchive();
    send(step(), null);
    send("{\"handler\":\"echo\"}", "{\"mine\":true}");
    var step = lean.claim(10).steps().getFirst();
    assertThat(lean.complete(List.of(completed(step, "{}")))).isEmpty();
    assertThat(one("select count(*) from pgmq.q_%s")).isEqualTo("0");
    assertThat(one("select count(*) from pgmq.a_%s")).isEqualTo("0");
    assertThat(one("select count(*) from pgmq.q_%s_results")).isEqualTo("1");
    assertThat(one("select message ->> 'message' from pgmq.q_%s_dlq"))
        .isEqualTo("{\"handler\": \"echo\"}");
    assertThat(one("select headers from pgmq.q_%s_dlq")).isEqualTo("{\"mine\": true}");
  }

  @Test
  void withoutAnArchiveAnOutcomeThatIsWrittenTwiceCountsAsLateAndHasOneResult() {
    var lean = withoutArchive();
    send(step(), null);
    var step = lean.claim(1).steps().getFirst();
    assertThat(lean.complete(List.of(completed(step, "1")))).isEmpty();
    assertThat(lean.complete(List.of(completed(step, "2")))).containsExactly(step.claim());
    assertThat(one("select string_agg(message ->> 'result', ',') from pgmq.q_%s_results"))
        .isEqualTo("1");
  }

  @Test
  void aBrokerWithoutAnArchiveAndOneWithShareAQueue() {
    var lean = withoutArchive();
    send(step(), null);
    send(step(), null);
    var one = protocol.claim(1).steps().getFirst();
    var other = lean.claim(1).steps().getFirst();
    assertThat(lean.complete(List.of(completed(one, "1")))).isEmpty();
    assertThat(protocol.complete(List.of(completed(one, "1")))).containsExactly(one.claim());
    assertThat(protocol.complete(List.of(completed(other, "2")))).isEmpty();
    assertThat(lean.complete(List.of(completed(other, "2")))).containsExactly(other.claim());
    assertThat(one("select count(*) from pgmq.a_%s")).isEqualTo("1");
    assertThat(one("select count(*) from pgmq.q_%s_results")).isEqualTo("2");
  }

  private StandaloneProtocol withoutArchive() {
    return protocol(FreshQueues.withoutArchive(config));
  }

  @Test
  void aDeadLetterHoldsTheMessageTheReasonAndItsOrigin() {
    send("{\"handler\":\"echo\",\"inputs\":{}}", "{\"mine\":true}");
    protocol.claim(10);
    var letter = read(one("select message from pgmq.q_%s_dlq"));
    assertThat(letter.get("reason").stringValue()).isEqualTo("invalid");
    assertThat(letter.get("detail").stringValue())
        .contains("step_uuid")
        .contains("/inputs: is unknown; did you mean 'input'?");
    assertThat(letter.get("attempts").intValue()).isZero();
    assertThat(letter.get("last_error").isNull()).isTrue();
    assertThat(letter.get("queue").stringValue()).isEqualTo(config.queue().value());
    assertThat(letter.get("msg_id").intValue()).isEqualTo(1);
    assertThat(letter.get("read_ct").intValue()).isEqualTo(1);
    assertThat(Instant.parse(letter.get("enqueued_at").stringValue()))
        .isBeforeOrEqualTo(Instant.parse(letter.get("dead_lettered_at").stringValue()));
    assertThat(letter.get("message")).isEqualTo(read("{\"handler\":\"echo\",\"inputs\":{}}"));
    assertThat(one("select headers from pgmq.q_%s_dlq")).isEqualTo("{\"mine\": true}");
    assertThat(one("select count(*) from pgmq.a_%s")).isEqualTo("1");
    assertThat(events).containsExactly(config.queue() + " invalid");
  }

  @Test
  void aNullMessageIsDeadLettered() {
    queues.execute(config, "select pgmq.send('%s', null::jsonb)");
    assertThat(protocol.claim(10).steps()).isEmpty();
    assertThat(one("select message ->> 'detail' from pgmq.q_%s_dlq"))
        .isEqualTo("the message is null");
  }

  @Test
  void anExhaustedStepsDeadLetterHasItsLastError() {
    send(step(), null);
    var error = StepError.retryable("busy", "the door is shut");
    protocol.complete(
        List.of(new Outcome.Failed(claimOne(), error, true, Instant.now(), receipt())));
    var letter = read(one("select message from pgmq.q_%s_dlq"));
    assertThat(letter.get("reason").stringValue()).isEqualTo("exhausted");
    assertThat(letter.get("attempts").intValue()).isEqualTo(1);
    assertThat(letter.get("last_error").get("message").stringValue()).isEqualTo("the door is shut");
    assertThat(events).containsExactly(config.queue() + " exhausted");
  }

  @Test
  void aStepWhoseWorkersKeepDyingWhileItRunsIsDeadLetteredAsPoisoned() {
    send(step(), null);
    assertThat(claimOne().claim().isSuspect()).isFalse();
    for (int lost = 0; lost < 2; lost++) {
      everythingBecomesVisible();
      var suspect = claimOne();
      assertThat(suspect.claim().isSuspect()).isTrue();
      assertThat(suspect.claim().lostStarts()).isEqualTo(lost);
      assertThat(protocol.recordStart(suspect)).isEqualTo(StartRecord.RECORDED);
    }
    everythingBecomesVisible();
    assertThat(protocol.claim(1).steps()).isEmpty();
    assertThat(one("select message ->> 'reason' from pgmq.q_%s_dlq")).isEqualTo("poisoned");
    assertThat(one("select message #>> '{error,error_type}' from pgmq.q_%s_results"))
        .isEqualTo("poisoned");
    assertThat(one("select count(*) from pgmq.q_%s")).isEqualTo("0");
  }

  @Test
  void aResultThatAsksForTooMuchNewWorkIsRefused() {
    send(step(), null);
    var result = Document.of("{\"decision_point_outcome\":{\"step_names\":[\"a\",\"b\"]}}");

    var step = claimOne();
    assertThat(protocol.validateResult(step, result, NewWork.batches(2))).isNull();
    assertThat(protocol.validateResult(step, result, NewWork.batches(1)))
        .extracting(StepError::code)
        .isEqualTo("new_work");
  }

  @Test
  void aStepThatNeverStartedIsNotPoisonedHoweverManyOfItsWorkersDie() {
    send(step(), "{\"mine\":true}");
    for (int lost = 0; lost < 10; lost++) {
      claimOne();
      everythingBecomesVisible();
    }
    assertThat(claimOne().claim().lostStarts()).isZero();
    assertThat(one("select headers from pgmq.q_%s")).isEqualTo("{\"mine\": true}");
  }

  @Test
  void failedAndReleasedStepsAreNeitherSuspectsNorPoisoned() {
    send(step(), null);
    for (int i = 0; i < 4; i++) {
      var first = claimOne();
      assertThat(first.claim().isSuspect()).isFalse();
      protocol.release(List.of(first));
      protocol.complete(List.of(retry(claimOne())));
    }
    assertThat(claimOne().attempt().number()).isEqualTo(5);
    assertThat(one("select headers from pgmq.q_%s")).isEqualTo("{\"x-wasm-broker-failures\": 4}");
  }

  @Test
  void onlyAClaimThatIsLostCountsAStartAndASuspectRemainsOne() {
    send(step(), null);
    claimOne();
    everythingBecomesVisible();
    assertThat(protocol.recordStart(claimOne())).isEqualTo(StartRecord.RECORDED);
    everythingBecomesVisible();
    for (int i = 0; i < 3; i++) {
      var released = claimOne();
      assertThat(released.claim().lostStarts()).isEqualTo(1);
      protocol.recordStart(released);
      protocol.release(List.of(released));
      var retried = claimOne();
      assertThat(retried.claim().lostStarts()).isEqualTo(1);
      protocol.recordStart(retried);
      protocol.complete(List.of(retry(retried)));
    }
    var last = claimOne();
    assertThat(last.claim().lostStarts()).isEqualTo(1);
    assertThat(last.attempt().number()).isEqualTo(4);
  }

  @Test
  void aStepWhoseClaimWasLostRemainsASuspectThoughItIsReleasedUnstartedOrRetried() {
    send(step(), null);
    claimOne();
    everythingBecomesVisible();
    for (int i = 0; i < 2; i++) {
      protocol.release(List.of(suspect()));
      protocol.complete(List.of(retry(suspect())));
    }
    for (int lost = 0; lost < 2; lost++) {
      var suspect = suspect();
      assertThat(suspect.claim().lostStarts()).isEqualTo(lost);
      assertThat(protocol.recordStart(suspect)).isEqualTo(StartRecord.RECORDED);
      everythingBecomesVisible();
    }
    assertThat(protocol.claim(1).steps()).isEmpty();
    assertThat(one("select message ->> 'reason' from pgmq.q_%s_dlq")).isEqualTo("poisoned");
  }

  private Step suspect() {
    var step = claimOne();
    assertThat(step.claim().isSuspect()).isTrue();
    return step;
  }

  @Test
  void theStartOfAClaimThatIsLostIsNotRecorded() {
    send(step(), null);
    claimOne();
    everythingBecomesVisible();
    var lost = claimOne();
    everythingBecomesVisible();
    var owner = claimOne();

    assertThat(protocol.recordStart(lost)).isEqualTo(StartRecord.LOST);
    protocol.release(List.of(owner));
    assertThat(protocol.recordStart(owner)).isEqualTo(StartRecord.LOST);
    assertThat(claimOne().claim().lostStarts()).isZero();
  }

  @Test
  void countsAreMergedIntoForeignHeadersAndReplaceNonObjects() {
    send(step(), "{\"mine\":true}");
    protocol.complete(List.of(retry(claimOne())));
    assertThat(one("select headers ->> 'mine' from pgmq.q_%s")).isEqualTo("true");
    assertThat(claimOne().attempt().number()).isEqualTo(2);
    send(step(), "[1,2]");
    protocol.complete(List.of(retry(claimOne())));
    assertThat(claimOne().attempt().number()).isEqualTo(2);
  }

  @Test
  void aRetriedStepKeepsItsModuleThoughItIsReleasedInBetween() {
    send(step(), "{\"tier\":\"gold\"}");
    var first = claimOne();
    assertThat(first.pin()).isNull();
    var ran = Outcomes.receipt("echo");
    protocol.complete(
        List.of(
            new Outcome.Retry(
                first, StepError.retryable("busy", "later"), Duration.ZERO, Instant.now(), ran)));

    var second = claimOne();
    protocol.release(List.of(second));
    protocol.complete(List.of(retry(claimOne()))); // came to no run

    for (var step : List.of(second, claimOne())) {
      assertThat(step.pin()).isEqualTo(ModulePin.of(Outcomes.module("echo"), false));
      assertThat(step.origin().headers()).containsExactly(Map.entry("tier", "gold"));
    }
  }

  @Test
  void noMessageHarmsTheOthersOfItsBatch() {
    var rows =
        List.of(
            "set headers = '{\"x-wasm-broker-failures\": 2147483647}'",
            "set headers = '{\"x-wasm-broker-failures\": 2147483648}'",
            "set headers = '{\"x-wasm-broker-failures\": -2147483648}'",
            "set headers = '{\"x-wasm-broker-failures\": \"many\"}'",
            "set headers = ('{\"a\":' || repeat('[', 2000) || repeat(']', 2000) || '}')::jsonb",
            "set headers = '[1]'",
            "set headers = null",
            "set read_ct = 2147483647",
            "set read_ct = -2147483648",
            "set vt = '-infinity'",
            "set vt = '4713-01-01 BC'",
            "set vt = '-infinity', enqueued_at = '-infinity'",
            "set enqueued_at = 'infinity'",
            "set message = null",
            "set message = '\"text\"'",
            "set message = message || '{\"max_attempts\": 2147483648}'",
            "set message = message || jsonb_build_object('timeout_ms', 1e5000)");
    var good = new ArrayList<String>();
    for (int i = 0; i < rows.size(); i++) {
      send(step(), null);
      queues.execute(config, "update pgmq.q_%s " + rows.get(i) + " where msg_id = " + (2 * i + 1));
      var id = UUID.randomUUID();
      good.add(id.toString());
      send("{\"step_uuid\":\"%s\",\"handler\":\"echo\"}".formatted(id), null);
    }

    var claimed = protocol.claim(100);

    assertThat(claimed.read()).isEqualTo(2 * rows.size());
    assertThat(claimed.steps()).extracting(step -> step.id().toString()).containsAll(good);
    assertThat(protocol.renew(claimed.steps())).isEmpty();
    assertThat(
            protocol.complete(claimed.steps().stream().map(step -> completed(step, "{}")).toList()))
        .isEmpty();
    assertThat(one("select count(*) from pgmq.q_%s")).isEqualTo("0");
    assertThat(
            Integer.parseInt(one("select count(*) from pgmq.q_%s_dlq"))
                + Integer.parseInt(one("select count(*) from pgmq.q_%s_results")))
        .isEqualTo(2 * rows.size());
  }

  @Test
  void anUnstorableResultFailsAloneAndTheOthersAreWritten() {
    for (int i = 0; i < 5; i++) {
      send(step(), null);
    }
    var steps = protocol.claim(5).steps();
    var outcomes = new ArrayList<Outcome>();
    for (int i = 0; i < 5; i++) {
      outcomes.add(
          completed(steps.get(i), i == 3 ? "{\"nul\":\"\\u0000\"}" : "{\"n\":%d}".formatted(i)));
    }
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> protocol.complete(outcomes))
        .returns(ProtocolException.Kind.UNSTORABLE, ProtocolException::kind);
    assertThat(one("select count(*) from pgmq.q_%s_results")).isEqualTo("0");
    try (var reporter =
        new CompletionReporter(
            ReportConfig.DEFAULTS, protocol, TimeSource.SYSTEM, () -> 1, EventSink.NONE)) {
      reporter.start();
      outcomes.forEach(reporter::report);
      assertThat(reporter.flush(Duration.ofSeconds(30))).isTrue();
    }
    assertThat(
            one("select count(*) from pgmq.q_%s_results where message ->> 'status' = 'completed'"))
        .isEqualTo("4");
    assertThat(
            one(
                """
                select concat_ws(' ', message ->> 'step_uuid', message #>> '{error,error_type}')
                from pgmq.q_%s_results where message ->> 'status' = 'failed'
                """))
        .isEqualTo(steps.get(3).id() + " result_not_storable");
  }

  @Test
  void aStepIsReadySinceItsMessageIsVisible() {
    var before = Instant.now().minusMillis(50);
    send(step(), null);
    var step = claimOne();
    assertThat(step.readyAt()).isBetween(before, Instant.now().plusMillis(50));
    var between = Instant.now().minusMillis(50);
    protocol.complete(List.of(retry(step)));
    assertThat(claimOne().readyAt()).isBetween(between, Instant.now().plusMillis(50));
  }

  @Test
  void preparingIsIdempotentAndConcurrent() throws InterruptedException {
    var fresh = queues.next();
    var role = queues.postgres().createRole();
    RoleScripts.standaloneCreatingQueues(role).forEach(queues.postgres()::execute);
    var failures = new ArrayList<Throwable>();
    try (var own = Database.open(queues.postgres().configOf(role), "creating-test")) {
      var threads =
          List.of(
              Thread.ofVirtual().unstarted(() -> protocol(own, fresh).prepare()),
              Thread.ofVirtual().unstarted(() -> protocol(own, fresh).prepare()));
      for (var thread : threads) {
        thread.setUncaughtExceptionHandler((ignored, cause) -> failures.add(cause));
        thread.start();
      }
      for (var thread : threads) {
        thread.join();
      }
      assertThat(failures).isEmpty();
      protocol(own, fresh).prepare();
    }
  }

  @Test
  void aNotifyIntervalSetByOthersStaysAndATruncatedTableIsRefilled() {
    var pgmq = new Pgmq(queues.database());
    queues.execute(config, "select pgmq.update_notify_insert('%s', 700)");
    protocol.prepare();
    assertThat(pgmq.ensureNotifications(config.queue(), Duration.ofMillis(50)))
        .isEqualTo(Duration.ofMillis(700));
    // As a crash does: it is unlogged.
    queues.postgres().execute("truncate pgmq.notify_insert_throttle");
    assertThat(pgmq.ensureNotifications(config.queue(), Duration.ofMillis(50)))
        .isEqualTo(Duration.ofMillis(50));
  }

  @Test
  void aDatabaseWithoutPgmqIsReportedWithARemedy() {
    try (var bare = TestDatabase.withoutPgmq();
        var other = Database.open(bare.config(), "bare")) {
      var onBare = new StandaloneProtocol(other, config, WORKER, EventSink.NONE);
      assertThatThrownBy(onBare::prepare)
          .isInstanceOfSatisfying(
              ProtocolException.class, failure -> assertThat(failure.isTransient()).isFalse())
          .hasMessageContaining("create extension pgmq");
    }
  }

  @Test
  void aDroppedQueueIsReportedWithARemedy() {
    queues.execute(config, "select pgmq.drop_queue('%s')");
    assertThatThrownBy(() -> protocol.claim(1))
        .isInstanceOfSatisfying(
            ProtocolException.class, failure -> assertThat(failure.isTransient()).isFalse())
        .hasMessageContaining("claim from queue " + config.queue())
        .hasMessageContaining("SQLSTATE 42P01")
        .hasMessageContaining("restart the broker to create it");
  }

  private StandaloneProtocol protocol(StandaloneConfig of) {
    return protocol(queues.database(), of);
  }

  private StandaloneProtocol protocol(Database by, StandaloneConfig of) {
    return new StandaloneProtocol(
        by,
        of,
        WORKER,
        event -> {
          if (event instanceof IntakeEvent.DeadLettered(String queue, String reason)) {
            events.add(queue + " " + reason);
          }
        });
  }

  private void send(String message, @Nullable String headers) {
    queues.send(config, message, headers);
  }

  private static String step() {
    return "{\"step_uuid\":\"%s\",\"handler\":\"echo\"}".formatted(UUID.randomUUID());
  }

  private Step claimOne() {
    return protocol.claim(1).steps().getFirst();
  }

  private void everythingBecomesVisible() {
    queues.everythingBecomesVisible(config);
  }

  private String one(String sql) {
    return queues.one(config, sql);
  }

  private static Outcome completed(Step step, String result) {
    return new Outcome.Completed(step, Document.of(result), Instant.now(), receipt());
  }

  private static Outcome retry(Step step) {
    return new Outcome.Retry(
        step, StepError.retryable("busy", "later"), Duration.ZERO, Instant.now(), receipt());
  }

  private static Receipt receipt() {
    return Receipt.none(Duration.ZERO);
  }

  private static JsonNode read(String json) {
    return JsonMapper.shared().readTree(json);
  }
}
