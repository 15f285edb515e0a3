package org.wasmbroker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.Engines;
import org.wasmbroker.cache.CacheConfig;
import org.wasmbroker.cache.GuestCaches;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.dispatch.Dispatcher;
import org.wasmbroker.egress.Egress;
import org.wasmbroker.egress.EgressConfig;
import org.wasmbroker.egress.GuestServices;
import org.wasmbroker.egress.HostResolver;
import org.wasmbroker.execution.StepInvoker;
import org.wasmbroker.execution.StepRunner;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.protocol.standalone.StandaloneProtocol;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.registry.source.BundledModules;
import org.wasmbroker.report.CompletionReporter;
import org.wasmbroker.report.ReportConfig;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.SecretStore;
import org.wasmbroker.secret.SecretsConfig;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.ClosedPort;
import org.wasmbroker.testing.DispatchConfigs;
import org.wasmbroker.testing.EngineConfigs;
import org.wasmbroker.testing.RecordedCases;
import org.wasmbroker.testing.RecordedCases.Case;
import org.wasmbroker.testing.ScriptedServer;
import org.wasmbroker.testing.TestDatabase;

/**
 * What {@code invoke} prints about a step matches the result that a queue in Postgres gets for the
 * same step: for every recorded case of the catalog, results and failures alike.
 */
class InvokeMatchesQueueIT {
  private static final int SLOTS = 2;
  private static final StandaloneConfig QUEUES = StandaloneConfig.DEFAULTS;
  private static final String POLICY =
      """
      secrets:
        TOKEN: ["http://127.0.0.1:*"]
      handlers:
        - handler: http_request
          secrets: [TOKEN]
          http:
            - {url: "http://127.0.0.1:*", methods: ["*"], networks: [127.0.0.0/8]}
        - handler: notify
          secrets: [TOKEN]
          http:
            - {url: "http://127.0.0.1:*", methods: [POST], networks: [127.0.0.0/8]}
      """;
  private static final Map<String, String> ENVIRONMENT =
      Map.of("WASM_BROKER_SECRET_TOKEN", "s3cr3t/+=");

  /** Each step's id, and the members of its result that the command prints. */
  private static final String SUMMARIES =
      """
      select (message->>'step_uuid') || ' ' ||
        case when (message->>'success')::boolean then
          jsonb_build_object('status', message->'status', 'result', message->'result')
        else
          jsonb_build_object(
            'status', message->'status', 'error', message->'error', 'metadata',
            jsonb_build_object('error_code', message->'metadata'->'error_code'))
        end
      from pgmq.q_\
      """
          + QUEUES.results();

  /** A case of a handler, as a step of its own. */
  private record Subject(StepId id, String handler, Case recorded) {
    static Stream<Subject> of(String handler) {
      var cases = RecordedCases.of(handler);
      assertThat(cases).hasSizeGreaterThanOrEqualTo(60);
      return cases.stream()
          .filter(one -> !one.isAnswered())
          .map(one -> new Subject(new StepId(UUID.randomUUID()), handler, one));
    }

    String message() {
      return "{\"step_uuid\":\"%s\",\"handler\":\"%s\",\"max_attempts\":1}".formatted(id, handler);
    }
  }

  /** The servers of a case, each time it is run, and its document with their ports. */
  private static final class Setting implements AutoCloseable {
    private final ScriptedServer server;
    private final ClosedPort closed = new ClosedPort();
    private final String document;

    Setting(Case recorded) {
      try {
        server = new ScriptedServer(recorded.node().path("server"));
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
      document =
          recorded
              .document()
              .replace("@PORT@", Integer.toString(server.port()))
              .replace("@CLOSED@", Integer.toString(closed.number()));
    }

    Document document() {
      return Document.of(document);
    }

    /** The result without what differs from run to run. */
    String comparable(String result) {
      return result
          .replace(":" + server.port(), ":@PORT@")
          .replace(":" + closed.number(), ":@CLOSED@")
          .replaceAll("\"latency_ms\": ?[0-9.]+", "\"latency_ms\":0");
    }

    @Override
    public void close() {
      closed.close();
      server.close();
    }
  }

  private final List<Subject> subjects =
      Stream.of(
              "aggregate",
              "decide",
              "fan_out",
              "gate",
              "transform",
              "validate",
              "http_request",
              "notify")
          .flatMap(Subject::of)
          .toList();

  @Test
  void everyRecordedCaseGivesTheSameResultDocument() throws SQLException {
    var config = EngineConfigs.cached(SLOTS);
    try (var database = TestDatabase.create();
        var engine = Engines.start(EngineName.WASMTIME, config);
        var registry =
            new ModuleRegistry(
                engine,
                policy(),
                List.of(new BundledModules()),
                Duration.ofHours(1),
                EventSink.NONE);
        var egress =
            new Egress(
                EgressConfig.DEFAULTS, HostResolver.SYSTEM, TimeSource.SYSTEM, EventSink.NONE)) {
      egress.start();
      var secrets = SecretStore.open(SecretsConfig.DEFAULTS, ENVIRONMENT, TimeSource.SYSTEM);
      var accesses =
          GuestServices.accessFactory(
              egress,
              secrets,
              new GuestCaches(CacheConfig.DEFAULTS, TimeSource.SYSTEM, EventSink.NONE),
              EventSink.NONE);
      var invoked = invoked(registry, config, accesses);
      var queued = queued(registry, config, accesses, database);

      assertSoftly(
          all ->
              subjects.forEach(
                  subject ->
                      all.assertThat(queued.get(subject.id()))
                          .as(subject.handler() + " " + subject.recorded().name())
                          .isEqualTo(stored(database, of(invoked, subject.id())))));
      assertThat(invoked.values())
          .as("both ways to end are among the cases")
          .anyMatch(text -> text.startsWith("{\"status\":\"completed\""))
          .anyMatch(text -> text.startsWith("{\"status\":\"failed\""));
    }
  }

  private static Policy policy() {
    return switch (Policy.read(POLICY.getBytes(UTF_8), Limits.DEFAULTS)) {
      case PolicyReadResult.Valid(var policy) -> policy;
      case PolicyReadResult.Invalid(var problems) -> throw new IllegalStateException("" + problems);
    };
  }

  /** What the command prints of each step. */
  private Map<StepId, String> invoked(
      ModuleRegistry registry, EngineConfig config, StepAccessFactory accesses) {
    var invoker =
        new StepInvoker(
            DispatchConfig.DEFAULTS.retryPolicy(),
            config.threadStackBytes(),
            accesses,
            step -> GuestLog.NONE);
    var printed = new LinkedHashMap<StepId, String>();
    for (var subject : subjects) {
      try (var setting = new Setting(subject.recorded())) {
        var handler = HandlerRef.parse(subject.handler());
        var outcome = invoker.run(handler, registry.resolve(handler), setting.document());
        var out = new StringWriter();
        new OutcomePrinter(
                new Console(
                    new PrintWriter(out), new PrintWriter(new StringWriter()), false, Map.of()))
            .print(outcome);
        printed.put(subject.id(), setting.comparable(out.toString()));
      }
    }
    return printed;
  }

  /** Of the result that the queue got of each step, the members that the command prints. */
  private Map<StepId, String> queued(
      ModuleRegistry registry,
      EngineConfig config,
      StepAccessFactory accesses,
      TestDatabase database) {
    var settings = new LinkedHashMap<StepId, Setting>();
    subjects.forEach(subject -> settings.put(subject.id(), new Setting(subject.recorded())));
    var queue = new BrokerQueue(database);
    queue.send(subjects.stream().map(Subject::message).toList());
    try (var pool = Database.open(database.brokerConfig(), "broker");
        var protocol =
            new StandaloneProtocol(
                pool, QUEUES, new WorkerIdentity("worker", "localhost"), EventSink.NONE);
        var reporter =
            new CompletionReporter(
                ReportConfig.DEFAULTS, protocol, TimeSource.SYSTEM, () -> 0.5, EventSink.NONE);
        var dispatcher =
            new Dispatcher(
                DispatchConfigs.of(SLOTS),
                config.threadStackBytes(),
                registry,
                new StepRunner(
                    accesses,
                    protocol,
                    DispatchConfig.DEFAULTS.retryPolicy(),
                    TimeSource.SYSTEM,
                    () -> 0.5,
                    EventSink.NONE),
                reporter,
                TimeSource.SYSTEM,
                EventSink.NONE)) {
      protocol.prepare();
      reporter.start();
      dispatcher.start();
      // A message has no place for every document that was recorded, so it is put in afterwards.
      dispatcher.accept(
          protocol.claim(subjects.size()).steps().stream()
              .map(step -> step.withDocument(of(settings, step.id()).document()))
              .toList());
      queue.awaitResults(subjects.size());
    } finally {
      settings.values().forEach(Setting::close);
    }
    var results = new LinkedHashMap<StepId, String>();
    for (var row : database.query(SUMMARIES)) {
      var idAndSummary = String.valueOf(row).split(" ", 2);
      var id = new StepId(UUID.fromString(idAndSummary[0]));
      results.put(id, stored(database, of(settings, id).comparable(idAndSummary[1])));
    }
    return results;
  }

  private static <T> T of(Map<StepId, T> all, StepId step) {
    return Objects.requireNonNull(all.get(step), step::toString);
  }

  /** The document as Postgres stores it: numbers and the order of members in one form. */
  private static String stored(TestDatabase database, String document) {
    try (var connection = database.connect();
        var statement = connection.prepareStatement("select ?::jsonb::text")) {
      statement.setString(1, document);
      try (var rows = statement.executeQuery()) {
        rows.next();
        return rows.getString(1);
      }
    } catch (SQLException failure) {
      throw new IllegalStateException(document, failure);
    }
  }
}
