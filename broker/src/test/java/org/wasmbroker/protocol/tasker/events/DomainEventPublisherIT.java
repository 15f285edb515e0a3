package org.wasmbroker.protocol.tasker.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.protocol.tasker.template.TaskTemplate;
import org.wasmbroker.protocol.tasker.template.TemplateReader;
import org.wasmbroker.step.Document;
import org.wasmbroker.telemetry.TaskerEvent;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TaskerRows;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DomainEventPublisherIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final UUID TASK = UUID.fromString("0199d6a2-6c1e-7d1a-a1f0-000000000001");
  private static final UUID STEP = UUID.fromString("0199d6a2-6c1e-7d1a-a1f0-000000000002");
  private static final UUID CORRELATION = UUID.fromString("0199d6a2-6c1e-7d1a-a1f0-000000000003");

  private final ConcurrentLinkedQueue<String> reported = new ConcurrentLinkedQueue<>();
  private final TaskerDatabase tasker = TaskerDatabase.create();
  private final TaskerRows rows = new TaskerRows(tasker);
  private Database database;
  private DomainEventPublisher events;

  @BeforeEach
  void open() {
    tasker.grantNamespace("shop");
    database = Database.open(tasker.workerConfig(), "test", TaskerSession.SQL);
    events =
        new DomainEventPublisher(
            database,
            event -> {
              if (event instanceof TaskerEvent.DomainEventsPublished(int events)) {
                reported.add("published " + events);
              } else if (event
                  instanceof TaskerEvent.DomainEventFailed(String name, String reason)) {
                reported.add("failed " + name + " " + reason);
              }
            });
  }

  @AfterEach
  void close() {
    database.close();
    tasker.close();
  }

  @Test
  void anEventHasTheEnvelopeOfTaskersOwnWorkers() {
    var before = Instant.now();

    events.publish(List.of(ended(declaring("order.paid", ""), "{\"amount\":1.10}")));

    var event = published().getFirst();
    var id = UUID.fromString(event.path("event_id").asString());
    assertThat(id.version()).isEqualTo(7);
    var fired = Instant.parse(event.path("metadata").path("fired_at").asString());
    assertThat(fired).isBetween(before, Instant.now());
    assertThat(event)
        .isEqualTo(
            JSON.readTree(
                """
                {"event_id":"%s","event_name":"order.paid","event_version":"1.0",
                 "payload":{
                   "task_sequence_step":{"task":{"task":{"context":{}}}},
                   "execution_result":{"step_uuid":"%s","success":true,
                     "metadata":{"result":"another"},"result":{"amount":1.10},"status":"completed"},
                   "payload":{"amount":1.10}},
                 "metadata":{"task_uuid":"%s","step_uuid":"%s","step_name":"pay_001",
                   "namespace":"shop","correlation_id":"%s","fired_at":"%s",
                   "fired_by":"DefaultDomainEventPublisher"}}
                """
                    .formatted(id, STEP, TASK, STEP, CORRELATION, fired)));
    assertThat(
            tasker.query(
                "select message -> 'payload' ->> 'payload' from pgmq.q_shop_domain_events"))
        .containsExactly("{\"amount\": 1.10}");
    assertThat(reported).containsExactly("published 1");
  }

  @Test
  void onlyDueEventsWithQueuedDeliveryAreSent() {
    var template =
        template(
            """
            {"name":"a.success","description":"","schema":{}},
            {"name":"a.failure","description":"","schema":{},"condition":"failure"},
            {"name":"a.retryable","description":"","schema":{},"condition":"retryable_failure"},
            {"name":"a.permanent","description":"","schema":{},"condition":"permanent_failure"},
            {"name":"a.always","description":"","schema":{},"condition":"always","delivery_mode":"broadcast"},
            {"name":"a.fast","description":"","schema":{},"condition":"always","delivery_mode":"fast"}""");

    events.publish(
        List.of(
            ended(template, "1", true, false),
            ended(template, "2", false, true),
            ended(template, "3", false, false)));

    assertThat(
            published().stream()
                .map(
                    event ->
                        event.path("event_name").asString()
                            + event.path("payload").path("payload").asInt()))
        .containsExactly(
            "a.success1",
            "a.always1",
            "a.failure2",
            "a.retryable2",
            "a.always2",
            "a.failure3",
            "a.permanent3",
            "a.always3");
    assertThat(reported).containsExactly("published 8");
  }

  @Test
  void listenersOnBothChannelsReceiveTheWholeEvent() throws SQLException {
    try (var listener = listen()) {
      events.publish(List.of(ended(declaring("order.paid", ""), "1")));

      var notices = notices(listener, 2);

      assertThat(notices)
          .extracting(PGNotification::getName)
          .containsExactlyInAnyOrder("pgmq_message_ready", "pgmq_message_ready.default");
      assertThat(notices)
          .extracting(notice -> JSON.readTree(notice.getParameter()))
          .allSatisfy(
              notice -> {
                assertThat(notice.path("event_type").asString()).isEqualTo("message_with_payload");
                assertThat(notice.path("message")).isEqualTo(published().getFirst());
              });
    }
  }

  @Test
  void anEventTooLargeForANotificationIsSentWithAShortNotification() throws SQLException {
    try (var listener = listen()) {
      events.publish(List.of(ended(declaring("order.paid", ""), quoted("é".repeat(2_900)))));

      assertThat(published()).hasSize(1);
      var notices = notices(listener, 2);
      assertThat(notices)
          .extracting(PGNotification::getName)
          .containsExactlyInAnyOrder("pgmq_message_ready", "pgmq_message_ready.default");
      assertThat(notices)
          .extracting(notice -> JSON.readTree(notice.getParameter()))
          .allSatisfy(
              notice -> {
                assertThat(notice.properties())
                    .extracting(java.util.Map.Entry::getKey)
                    .containsExactlyInAnyOrder(
                        "event_type",
                        "msg_id",
                        "queue_name",
                        "namespace",
                        "ready_at",
                        "delay_seconds",
                        "payload_omitted");
                assertThat(notice.path("event_type").asString()).isEqualTo("message_ready");
                assertThat(notice.path("queue_name").asString()).isEqualTo("shop_domain_events");
                assertThat(notice.path("namespace").asString()).isEqualTo("default");
                assertThat(notice.path("msg_id").asInt()).isEqualTo(1);
              });
    }
    assertThat(reported).containsExactly("published 1");
  }

  /** Notifications are limited in bytes, but Tasker's function counts characters. */
  @Test
  void eventsOfAnySizeAreSent() {
    var template = declaring("order.paid", "");
    var sources =
        Stream.of("x", "é", "€", "😀", "\\n")
            .flatMap(
                character ->
                    IntStream.iterate(0, size -> size <= 4_000, size -> size + 50)
                        .mapToObj(size -> ended(template, quoted(character.repeat(size)))))
            .toList();

    events.publish(sources);

    assertThat(reported).containsExactly("published " + sources.size());
    assertThat(tasker.query("select count(*) from pgmq.q_shop_domain_events"))
        .containsExactly(Integer.toString(sources.size()));
  }

  @Test
  void anEventThatViolatesItsSchemaIsDroppedAndOthersAreSent() {
    var strict = declaring("order.paid", ",\"required\":[\"amount\"]");

    events.publish(List.of(ended(strict, "{}"), ended(strict, "{\"amount\":1}")));

    assertThat(published()).hasSize(1);
    assertThat(reported).containsExactly("failed order.paid schema", "published 1");
  }

  @Test
  void aMissingQueueDoesNotBlockOtherEvents() {
    var template = declaring("order.paid", "");

    events.publish(
        List.of(
            ended(template, "1", "nowhere"),
            ended(template, "2"),
            ended(template, "3", "nowhere")));

    assertThat(published()).hasSize(1);
    assertThat(reported)
        .containsExactly("failed order.paid database", "published 1", "failed order.paid database");
  }

  @Test
  void largeBatchesAreSentCompletely() {
    var template = declaring("order.paid", "");
    var sources = new ArrayList<EndedStep>();
    for (int i = 0; i < 20; i++) {
      sources.add(ended(template, quoted("x".repeat(500_000))));
    }

    events.publish(sources);

    assertThat(published()).hasSize(20);
    assertThat(
            reported.stream()
                .mapToInt(line -> Integer.parseInt(line.substring("published ".length())))
                .sum())
        .isEqualTo(20);
  }

  @Test
  void anUnreachableDatabaseFailsNoStep() {
    database.close();

    assertThatCode(() -> events.publish(List.of(ended(declaring("order.paid", ""), "1"))))
        .doesNotThrowAnyException();

    assertThat(reported).containsExactly("failed order.paid database");
  }

  private List<JsonNode> published() {
    return rows.queued("shop_domain_events");
  }

  private static TaskTemplate declaring(String event, String schema) {
    return template(
        "{\"name\":\"%s\",\"description\":\"\",\"schema\":{\"title\":\"Any\"%s}}"
            .formatted(event, schema));
  }

  private static TaskTemplate template(String declarations) {
    return TemplateReader.readStored(
        Document.of(
            """
            {"name":"orders","namespace_name":"shop","version":"1","steps":[
              {"name":"pay","handler":{"callable":"transform"},"publishes_events":[%s]}]}
            """
                .formatted(declarations)));
  }

  private static EndedStep ended(TaskTemplate template, String result) {
    return ended(template, result, "shop");
  }

  private static EndedStep ended(TaskTemplate template, String result, String namespace) {
    return source(template, result, true, false, namespace);
  }

  private static EndedStep ended(
      TaskTemplate template, String result, boolean success, boolean retryable) {
    return source(template, result, success, retryable, "shop");
  }

  private static EndedStep source(
      TaskTemplate template, String result, boolean success, boolean retryable, String namespace) {
    return new EndedStep(
        template.steps().getFirst(),
        "pay_001",
        Document.of("{\"task\":{\"task\":{\"context\":{}}}}"),
        Document.of(result),
        Document.of(
            """
            {"step_uuid":"%s","success":%s,"metadata":{"result":"another"},"result": %s ,"status":"%s"}"""
                .formatted(STEP, success, result, success ? "completed" : "failed")),
        success,
        retryable,
        TASK,
        STEP,
        CORRELATION,
        namespace);
  }

  private static String quoted(String text) {
    return "\"" + text + "\"";
  }

  private Connection listen() throws SQLException {
    var connection = database.connect();
    try (var statement = connection.createStatement()) {
      statement.execute("listen pgmq_message_ready; listen \"pgmq_message_ready.default\"");
    }
    return connection;
  }

  private static List<PGNotification> notices(Connection listener, int count) throws SQLException {
    var notices = new ArrayList<PGNotification>();
    while (notices.size() < count) {
      var arrived =
          listener
              .unwrap(PGConnection.class)
              .getNotifications(Math.toIntExact(Duration.ofMinutes(5).toMillis()));
      assertThat(arrived).isNotEmpty();
      notices.addAll(Arrays.asList(arrived));
    }
    return notices;
  }
}
