package org.wasmbroker.protocol.tasker.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.execution.StepRules.CheckpointResult;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.report.CompletionReporter;
import org.wasmbroker.report.ReportConfig;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.Outcomes;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TaskerRows;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The rows that claims and completions leave in Tasker's tables, and what a guest reads. */
class TaskerProtocolIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Instant STARTED = Instant.parse("2026-01-02T03:04:05.123456789Z");
  private static final ModuleId MODULE = Outcomes.module("transform");
  private static TaskerDatabase postgres;
  private static Database database;
  private static FakeOrchestrator orchestrator;
  private static TaskerRows rows;

  private final UUID id = UUID.randomUUID();
  private final String namespace = "ns_" + id.toString().replace("-", "").substring(0, 12);
  private final String queue = "worker_" + namespace + "_queue";
  private final TaskerProtocol worker = worker(id, namespace);

  @BeforeAll
  static void open() {
    postgres = TaskerDatabase.create();
    database = Database.open(postgres.workerConfig(), "test", TaskerSession.SQL);
    orchestrator = new FakeOrchestrator(postgres);
    rows = new TaskerRows(postgres);
  }

  @AfterAll
  static void closeAll() {
    database.close();
    postgres.close();
  }

  @AfterEach
  void close() {
    worker.close();
  }

  private static TaskerProtocol worker(UUID id, String namespace) {
    postgres.grantNamespace(namespace);
    var standard = TaskerConfig.DEFAULTS;
    var config =
        new TaskerConfig(
            List.of(new Namespace(namespace)),
            List.of(),
            null,
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            null,
            null,
            standard.visibility());
    return new TaskerProtocol(
        database,
        config,
        new TaskerWorker(new WorkerIdentity(id.toString(), "here"), "test"),
        EventSink.NONE);
  }

  private String template(String steps) {
    return """
    {"name":"orders","namespace_name":"%s","version":"1.0.0","steps":[%s]}\
    """
        .formatted(namespace, steps);
  }

  private static String step(String name, String more) {
    return """
    {"name":"%s","handler":{"callable":"transform","initialization":{"filter":".context","n":1}}%s}\
    """
        .formatted(name, more);
  }

  private FakeOrchestrator.Task one() {
    return orchestrator.submit(template(step("first", "")), "{\"x\":1}");
  }

  private FakeOrchestrator.Task one(String more) {
    return orchestrator.submit(template(step("first", more)), "{\"x\":1}");
  }

  private Step claimOne() {
    var claimed = worker.claim(10);
    assertThat(claimed.steps()).hasSize(1);
    return claimed.steps().getFirst();
  }

  @Test
  void aClaimWritesTransitionAttemptAndArchivedMessage() {
    var task = one();

    var step = claimOne();

    assertThat(rows.states(task.step())).containsExactly("pending", "enqueued", "in_progress");
    var claim = rows.transitions(task.step()).getLast();
    assertThat(claim.from()).isEqualTo("enqueued");
    assertThat(claim.sortKey()).isEqualTo(3);
    assertThat(claim.mostRecent()).isTrue();
    assertThat(claim.event()).isEqualTo(JSON.readTree("{\"type\":\"Start\"}"));
    assertThat(claim.metadata().propertyNames()).containsExactlyInAnyOrder("event", "timestamp");
    var row = rows.step(task.step());
    assertThat(row.attempts()).isEqualTo(1);
    assertThat(row.inProcess()).isTrue();
    assertThat(row.attempted()).isTrue();
    assertThat(rows.queued(queue)).isEmpty();
    assertThat(rows.archived(queue)).hasSize(1);
    assertThat(step.id().value()).isEqualTo(task.step());
    assertThat(step.ids().task()).isEqualTo(task.task());
    assertThat(step.ids().correlation()).isEqualTo(task.correlation());
    assertThat(step.attempt().number()).isEqualTo(1);
    assertThat(step.attempt().max()).isEqualTo(3);
    assertThat(step.timeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(step.handler()).hasToString("transform");
  }

  @Test
  void noStepsRowHarmsTheOthersOfItsBatch() {
    var changes =
        List.of(
            "attempts = 2147483647",
            "attempts = -2147483648",
            "attempts = null",
            "max_attempts = null",
            "max_attempts = 2147483647",
            "inputs = '17'",
            "inputs = '[]'",
            "inputs = '{\"__template_step_name\": {\"no\": \"name\"}}'",
            "inputs = ('{\"a\":' || repeat('[', 2000) || repeat(']', 2000) || '}')::jsonb",
            "checkpoint = '\"text\"'",
            "checkpoint = jsonb_build_object('n', 1e5000)");
    var good = new ArrayList<UUID>();
    var changed = new ArrayList<UUID>();
    for (var change : changes) {
      changed.add(one().step());
      postgres.execute(
          "update tasker.workflow_steps set %s where workflow_step_uuid = '%s'"
              .formatted(change, changed.getLast()));
      good.add(one().step());
    }

    var claimed = worker.claim(100);

    assertThat(claimed.read()).isEqualTo(2 * changes.size());
    assertThat(claimed.steps()).extracting(step -> step.id().value()).containsAll(good);
    assertThat(claimed.steps()).allMatch(step -> step.attempt().number() >= 1);
    assertThat(worker.renew(claimed.steps())).isEmpty();
    assertThat(
            worker.complete(claimed.steps().stream().map(step -> completed(step, "{}")).toList()))
        .isEmpty();
    assertThat(changed).allSatisfy(step -> assertThat(rows.state(step)).startsWith("enqueued_"));
  }

  @Test
  void theGuestSeesConfigurationContextAndTheResultsOfAllAncestors() {
    var task =
        orchestrator.submit(
            template(
                step("first", "")
                    + ","
                    + step("second", ",\"dependencies\":[\"first\"]")
                    + ","
                    + step("third", ",\"dependencies\":[\"second\"],\"timeout_seconds\":7")),
            "{\"x\":1}");
    for (var name : List.of("first", "second")) {
      var step = claimOne();
      worker.complete(List.of(completed(step, "{\"from\":\"" + name + "\"}")));
      orchestrator.complete(task.step(name));
      orchestrator.enqueue(List.of(task.step(name.equals("first") ? "second" : "third")));
    }

    var third = claimOne();

    assertThat(third.timeout()).isEqualTo(Duration.ofSeconds(7));
    var document = json(third.document());
    assertThat(document.get("deps"))
        .isEqualTo(
            JSON.readTree("{\"first\":{\"from\":\"first\"},\"second\":{\"from\":\"second\"}}"));
    assertThat(document.get("context")).isEqualTo(JSON.readTree("{\"x\":1}"));
    assertThat(document.get("config"))
        .isEqualTo(JSON.readTree("{\"filter\":\".context\",\"n\":1}"));
    assertThat(document.get("checkpoint").isNull()).isTrue();
    assertThat(document.get("task"))
        .isEqualTo(
            JSON.readTree(
                "{\"name\":\"orders\",\"namespace\":\"%s\",\"version\":\"1.0.0\"}"
                    .formatted(namespace)));
    assertThat(document.get("step").get("name").asString()).isEqualTo("third");
    assertThat(document.get("step").get("deadline_ms").asInt()).isEqualTo(7000);
  }

  @Test
  void aCompletionWritesTransitionResultsAuditAndMessage() {
    var task = one();
    var step = claimOne();

    assertThat(worker.complete(List.of(completed(step, "{\"ok\":true}")))).isEmpty();

    var end = rows.transitions(task.step()).getLast();
    assertThat(end.to()).isEqualTo("enqueued_for_orchestration");
    assertThat(end.metadata().get("worker_uuid").asString()).isEqualTo(id.toString());
    assertThat(end.metadata().get("correlation_id").asString())
        .isEqualTo(task.correlation().toString());
    assertThat(end.event().get("type").asString()).isEqualTo("EnqueueForOrchestration");
    var row = rows.step(task.step());
    assertThat(end.event().get("data")).isEqualTo(row.results());
    assertThat(row.inProcess()).isFalse();
    assertThat(row.processed()).isFalse();
    assertThat(row.results().get("status").asString()).isEqualTo("completed");
    assertThat(row.results().get("metadata").get("custom").propertyNames())
        .containsExactly("receipt");
    assertThat(rows.audits(task.step()))
        .containsExactly(
            new TaskerRows.Audit(end.uuid(), task.task(), id, task.correlation(), true, null));
    assertThat(rows.queued("orchestration_step_results"))
        .contains(
            JSON.readTree(
                "{\"task_uuid\":\"%s\",\"step_uuid\":\"%s\",\"correlation_id\":\"%s\"}"
                    .formatted(task.task(), task.step(), task.correlation())));
  }

  @Test
  void aFailureRequestsARetryAfterTheHandlersDelay() {
    var task = one();
    var error =
        new StepError("busy", "try later", true, "E1", Duration.ofMillis(5500), List.of(), null);

    worker.complete(
        List.of(
            new Outcome.Retry(
                claimOne(), error, Duration.ofSeconds(9), STARTED, Receipt.none(Duration.ZERO))));

    assertThat(rows.state(task.step())).isEqualTo("enqueued_as_error_for_orchestration");
    var results = rows.results(task.step());
    assertThat(results.get("success").asBoolean()).isFalse();
    assertThat(results.get("metadata").get("retryable").asBoolean()).isTrue();
    assertThat(results.get("metadata").get("error_code").asString()).isEqualTo("E1");
    assertThat(results.get("orchestration_metadata").get("headers"))
        .isEqualTo(JSON.readTree("{\"Retry-After\":\"6\"}"));
  }

  @Test
  void anExceededTimeLimitIsReportedAsTaskersHandlerTimeout() {
    var task = one();
    var error = StepError.limitExceeded("time", "ms", 250, 251, true, "too slow");

    worker.complete(List.of(failed(claimOne(), error)));

    var metadata = rows.results(task.step()).get("metadata");
    assertThat(metadata.get("error_type").asString()).isEqualTo("handler_timeout");
    assertThat(metadata.get("context").get("timeout_ms").asLong()).isEqualTo(250);
    assertThat(metadata.get("retryable").asBoolean()).isTrue();
  }

  @Test
  void aHandlersOwnErrorIsNotTakenForATimeout() {
    var task = one();
    var context = new ErrorContext.Json(Document.of("{\"allowed\":1}"));
    var error = new StepError("limit_exceeded", "mine", false, "time", null, List.of(), context);

    worker.complete(List.of(failed(claimOne(), error)));

    var metadata = rows.results(task.step()).get("metadata");
    assertThat(metadata.get("error_type").asString()).isEqualTo("limit_exceeded");
    assertThat(metadata.get("context").get("allowed").asLong()).isOne();
    assertThat(metadata.get("retryable").asBoolean()).isFalse();
  }

  @Test
  void noRetryIsRequestedForANonRetryableStep() {
    var task = one(",\"retry\":{\"retryable\":false,\"max_attempts\":3}");

    worker.complete(List.of(retry(claimOne())));

    assertThat(rows.results(task.step()).get("metadata").get("retryable").asBoolean()).isFalse();
  }

  @Test
  void aStepWithATooDeeplyNestedContextFailsImmediately() {
    var deep = "{\"a\":" + "[".repeat(600) + "]".repeat(600) + "}";
    var task =
        orchestrator.submit(
            template("{\"name\":\"first\",\"handler\":{\"callable\":\"transform\"}}"), deep);

    assertThat(worker.claim(10).steps()).isEmpty();

    assertThat(rows.results(task.step()).get("metadata").get("error_type").asString())
        .isEqualTo("step_too_deep");
  }

  @Test
  void aStepWithAnUnknownCallableFailsWithTaskersErrorType() {
    var task =
        orchestrator.submit(
            template("{\"name\":\"first\",\"handler\":{\"callable\":\"Payments::Charge\"}}"), "{}");

    assertThat(worker.claim(10).steps()).isEmpty();

    var results = rows.results(task.step());
    assertThat(results.get("metadata").get("error_type").asString()).isEqualTo("handler_not_found");
    assertThat(results.get("metadata").get("retryable").asBoolean()).isFalse();
    assertThat(results.get("error").get("message").asString())
        .startsWith("Handler not found: Payments::Charge");
  }

  @Test
  void aChangedTemplateAppliesToTheNextStep() {
    one();
    claimOne();
    one(",\"timeout_seconds\":3");

    assertThat(claimOne().timeout()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void aMessageForAStepClaimedByAnotherWorkerIsOnlyArchived() {
    var task = one();
    claimOne();
    postgres.query(
        "select pgmq.send('%s', '{\"task_uuid\":\"%s\",\"step_uuid\":\"%s\",\"correlation_id\":\"%s\"}'::jsonb)"
            .formatted(queue, task.task(), task.step(), task.correlation()));

    var claimed = worker.claim(10);

    assertThat(claimed.steps()).isEmpty();
    assertThat(claimed.read()).isEqualTo(1);
    assertThat(rows.queued(queue)).isEmpty();
    assertThat(rows.archived(queue)).hasSize(2);
    assertThat(rows.step(task.step()).attempts()).isEqualTo(1);
  }

  @Test
  void twoMessagesForOneStepYieldOneClaim() {
    var task = one();
    postgres.query(
        "select pgmq.send('%s', '{\"task_uuid\":\"%s\",\"step_uuid\":\"%s\",\"correlation_id\":\"%s\"}'::jsonb)"
            .formatted(queue, task.task(), task.step(), task.correlation()));

    assertThat(worker.claim(10).steps()).hasSize(1);
    assertThat(rows.step(task.step()).attempts()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "inputs = '17'",
        "inputs = '[{}]'",
        "inputs = (repeat('[', 2000) || repeat(']', 2000))::jsonb",
        "inputs = ('{\"x\":' || repeat('[', 2000) || repeat(']', 2000) || '}')::jsonb",
        "inputs = ('{\"x\":' || repeat('9', 5000) || '}')::jsonb",
        "inputs = '{\"__template_step_name\":\"nobody\"}'",
        "checkpoint = '17'",
        "checkpoint = '{\"history\":17}'",
        "results = '17'",
        "attempts = null, max_attempts = null",
        "attempts = -7, max_attempts = 0",
        "attempts = 2000000",
      })
  void anUnusualStepRowRunsOrFailsWithoutAffectingOthers(String change) {
    var strange = one();
    var plain = one();
    postgres.execute(
        "update workflow_steps set %s where workflow_step_uuid = '%s'"
            .formatted(change, strange.step()));

    var steps = worker.claim(10).steps();

    assertThat(steps).extracting(step -> step.id().value()).contains(plain.step());
    assertThat(worker.complete(steps.stream().map(step -> completed(step, "1")).toList()))
        .isEmpty();
    assertThat(rows.state(plain.step())).isEqualTo("enqueued_for_orchestration");
    assertThat(rows.state(strange.step())).startsWith("enqueued_").endsWith("_for_orchestration");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "'{}'",
        "'17'",
        "'[]'",
        "'{\"name\":\"orders\",\"namespace_name\":\"x\",\"version\":\"1\",\"steps\":[17]}'",
        "jsonb_set(configuration, '{steps,0,timeout_seconds}', '-3')",
        "jsonb_set(configuration, '{steps,0,timeout_seconds}', '9999999999999999')",
        "jsonb_set(configuration, '{steps,0,handler,initialization}', '17')",
        "jsonb_set(configuration, '{steps,0,handler,callable}', '17')",
        "jsonb_set(configuration, '{steps,0,handler,initialization}',"
            + " (repeat('[', 2000) || repeat(']', 2000))::jsonb)",
      })
  void stepsOfAnUnusualTemplateRunOrFailWithoutAffectingOthers(String configuration) {
    var strange = one();
    var plain =
        orchestrator.submit(template(step("first", "")).replace("orders", "plain"), "{\"x\":1}");
    postgres.execute(
        "update named_tasks set configuration = %s where name = 'orders' and configuration ->> 'namespace_name' = '%s'"
            .formatted(configuration, namespace));

    var steps = worker.claim(10).steps();

    assertThat(steps).extracting(step -> step.id().value()).contains(plain.step());
    assertThat(worker.complete(steps.stream().map(step -> completed(step, "1")).toList()))
        .isEmpty();
    assertThat(rows.state(plain.step())).isEqualTo("enqueued_for_orchestration");
    assertThat(rows.state(strange.step())).startsWith("enqueued_").endsWith("_for_orchestration");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\\u0000\"", "1e999999"})
  void anUnstorableResultFailsOnlyItsOwnStep(String result) {
    var strange = one();
    var plain = one();
    var steps = worker.claim(10).steps();

    var outcomes = List.of(completed(steps.get(0), result), completed(steps.get(1), "1"));

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> worker.complete(outcomes))
        .returns(ProtocolException.Kind.UNSTORABLE, ProtocolException::kind);
    assertThat(rows.state(plain.step())).isEqualTo("in_progress");
    try (var reporter =
        new CompletionReporter(
            ReportConfig.DEFAULTS, worker, TimeSource.SYSTEM, () -> 1, EventSink.NONE)) {
      reporter.start();
      outcomes.forEach(reporter::report);
      assertThat(reporter.flush(Duration.ofSeconds(30))).isTrue();
    }

    assertThat(rows.state(plain.step())).isEqualTo("enqueued_for_orchestration");
    var results = rows.results(strange.step());
    assertThat(results.get("metadata").get("error_type").asString())
        .isEqualTo("result_not_storable");
    assertThat(rows.state(strange.step())).isEqualTo("enqueued_as_error_for_orchestration");
  }

  @Test
  void aMessageForANonexistentStepIsOnlyArchived() {
    var task = one();
    postgres.query(
        "select pgmq.send('%s', '{\"task_uuid\":\"%2$s\",\"step_uuid\":\"%2$s\",\"correlation_id\":\"%2$s\"}'::jsonb)"
            .formatted(queue, UUID.randomUUID()));

    assertThat(claimOne().id().value()).isEqualTo(task.step());
    assertThat(rows.queued(queue)).isEmpty();
    assertThat(rows.archived(queue)).hasSize(2);
  }

  /** Its text has more than 1 GiB, which no statement can return; its row has 3 KiB. */
  @Test
  void aMessageWithTooMuchTextToBeReadDoesNotKeepOthersInTheQueue() {
    var numbers = "('[' || repeat('1e131071,', 9999) || '1]')::jsonb";
    postgres.query("select pgmq.send('%s', %s)".formatted(queue, numbers));
    postgres.query(
        "select pgmq.send('%s', jsonb_build_object('step_uuid', %s))".formatted(queue, numbers));
    var task = one();

    assertThat(claimOne().id().value()).isEqualTo(task.step());
    assertThat(postgres.query("select count(*) from pgmq.q_" + queue)).containsExactly("0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "------------------------------------",
        "0123456g-89ab-cdef-0123-456789abcdef",
        "01234567-89ab-cdef-0123-456789abcde-",
        "0123-567-89ab-cdef-0123-456789abcdef",
        "0123456789ab-cdef-0123-456789abcdef-",
        "01234567-89ab-cdef-0123-456789abcdef ",
        "ééééégéé-éééé-éééé-éééé-éééééééééééé"
      })
  void aMessageWithSomethingLikeAnIdDoesNotKeepOthersInTheQueue(String id) {
    postgres.query(
        "select pgmq.send('%s', jsonb_build_object('step_uuid', '%s'))".formatted(queue, id));
    var task = one();

    assertThat(claimOne().id().value()).isEqualTo(task.step());
    assertThat(postgres.query("select count(*) from pgmq.q_" + queue)).containsExactly("0");
  }

  @Test
  void aCancelledStepIsLostAndItsResultIsDiscarded() {
    var task = one();
    var step = claimOne();
    orchestrator.cancel(task.step());

    assertThat(worker.renew(List.of(step))).containsExactly(step.claim());
    assertThat(worker.complete(List.of(completed(step, "1")))).containsExactly(step.claim());
    assertThat(rows.state(task.step())).isEqualTo("cancelled");
  }

  @Test
  void aReleasedStepIsRetriedImmediatelyWithoutCountingTheAttempt() {
    var task = one(",\"retry\":{\"retryable\":false,\"max_attempts\":1}");
    var step = claimOne();

    worker.release(List.of(step));

    var row = rows.step(task.step());
    assertThat(row.attempts()).isZero();
    assertThat(row.inProcess()).isFalse();
    assertThat(row.results().get("metadata").get("retryable").asBoolean()).isTrue();
    assertThat(row.results().get("orchestration_metadata").get("headers"))
        .isEqualTo(JSON.readTree("{\"Retry-After\":\"0\"}"));
    orchestrator.retry(task.step());
    assertThat(claimOne().attempt()).isEqualTo(step.attempt());
  }

  @Test
  void aCheckpointIsSavedWithItsHistoryAndPassedToTheNextRun() {
    var task = one();
    var step = claimOne();

    var first =
        (CheckpointResult.Saved)
            worker.saveCheckpoint(
                step, MODULE, new Checkpoint(Document.of("{\"at\":1}"), 10, null));
    var second =
        (CheckpointResult.Saved)
            worker.saveCheckpoint(
                first.step(), MODULE, new Checkpoint(Document.of("\"ü\""), 20, Document.of("[1]")));

    var kept = rows.step(task.step()).checkpoint();
    assertThat(kept.get("cursor").asString()).isEqualTo("ü");
    assertThat(kept.get("items_processed").asInt()).isEqualTo(20);
    assertThat(kept.get("accumulated_results")).isEqualTo(JSON.readTree("[1]"));
    assertThat(kept.get("history")).hasSize(2);
    assertThat(kept.get("history").get(0).get("cursor")).isEqualTo(JSON.readTree("{\"at\":1}"));
    assertThat(json(second.step().document()).get("checkpoint")).isEqualTo(kept);
    worker.complete(List.of(retry(step)));
    orchestrator.retry(task.step());
    assertThat(json(claimOne().document()).get("checkpoint")).isEqualTo(kept);
  }

  @Test
  void aStepKeepsTheModuleOfItsLastAttemptThoughItIsReleasedOrComesToNoRunInBetween() {
    var task = one(",\"retry\":{\"max_attempts\":9}");
    var first = claimOne();
    assertThat(first.pin()).isNull();
    worker.complete(List.of(retry(first, Outcomes.receipt("transform"))));

    var second = claimAgain(task);
    worker.release(List.of(second));
    var third = claimAgain(task);
    worker.complete(List.of(retry(third))); // came to no run
    var fourth = claimAgain(task);
    worker.complete(List.of(retry(fourth, Outcomes.receipt("validate"))));

    assertThat(List.of(second, third, fourth))
        .extracting(Step::pin)
        .containsOnly(ModulePin.of(MODULE, false));
    assertThat(claimAgain(task).pin()).isEqualTo(ModulePin.of(Outcomes.module("validate"), false));
  }

  @Test
  void aStepThatSavedACheckpointAndIsReleasedContinuesWithItsModule() {
    var task = one();
    var step = claimOne();
    worker.saveCheckpoint(step, MODULE, new Checkpoint(Document.of("1"), 1, null));
    worker.release(List.of(step));

    assertThat(claimAgain(task).pin()).isEqualTo(ModulePin.of(MODULE, true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "[]",
        "{\"metadata\":[]}",
        "{\"metadata\":{\"custom\":{\"receipt\":\"x\",\"module\":{}}}}",
        "{\"metadata\":{\"custom\":{\"receipt\":{\"handler\":1,\"version\":{},\"digest\":[]}}}}"
      })
  void whatOthersWroteAsAResultIsNoModule(String results) {
    var task = one();
    postgres.execute(
        "update tasker.workflow_steps set results = '%s' where workflow_step_uuid = '%s'"
            .formatted(results, task.step()));

    assertThat(claimOne().pin()).isNull();
  }

  private Step claimAgain(FakeOrchestrator.Task task) {
    orchestrator.retry(task.step());
    return claimOne();
  }

  @Test
  void aCheckpointOfALostStepIsNotSaved() {
    var task = one();
    var step = claimOne();
    orchestrator.cancel(task.step());

    assertThat(worker.saveCheckpoint(step, MODULE, new Checkpoint(Document.of("1"), 1, null)))
        .isInstanceOf(CheckpointResult.Lost.class);
    assertThat(rows.step(task.step()).checkpoint().isNull()).isTrue();
  }

  private static JsonNode json(Document document) {
    return JSON.readTree(document.bytes());
  }

  private static Outcome failed(Step step, StepError error) {
    return new Outcome.Failed(step, error, false, STARTED, Receipt.none(Duration.ZERO));
  }

  private static Outcome completed(Step step, String result) {
    return new Outcome.Completed(step, Document.of(result), STARTED, Receipt.none(Duration.ZERO));
  }

  private static Outcome retry(Step step) {
    return retry(step, Receipt.none(Duration.ZERO));
  }

  private static Outcome retry(Step step, Receipt receipt) {
    return new Outcome.Retry(
        step, StepError.retryable("busy", "try again"), Duration.ZERO, STARTED, receipt);
  }
}
