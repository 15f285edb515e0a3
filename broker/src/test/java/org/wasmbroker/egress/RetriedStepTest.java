package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasmbroker.cache.CacheConfig;
import org.wasmbroker.cache.GuestCaches;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.execution.RetryPolicy;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.execution.StepRunner;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.ResourceClassName;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.secret.SecretStore;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Backoff;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.EngineConfigs;
import org.wasmbroker.testing.Outcomes;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.RawServer.Script;

/**
 * A step of {@code http_request} or {@code notify} with three attempts: the egress, the handler and
 * the retries together decide how often a request reaches its server.
 */
@Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
class RetriedStepTest {
  private static final int ATTEMPTS = 3;

  private static Engine engine;
  private static CompiledModule request;
  private static CompiledModule notification;

  private final StepId id = new StepId(UUID.randomUUID());

  @BeforeAll
  static void compile() {
    engine = WasmtimeEngine.start(EngineConfigs.cached(1), Capabilities.STANDARD.functions());
    request = engine.compile(PrebuiltHandlers.module("http_request"), Limits.DEFAULTS);
    notification = engine.compile(PrebuiltHandlers.module("notify"), Limits.DEFAULTS);
  }

  @AfterAll
  static void close() {
    request.close();
    notification.close();
    engine.close();
  }

  static Stream<Arguments> answers() {
    Script close = RawServer.Client::readRequest;
    Script reset =
        client -> {
          client.readRequest();
          client.reset();
        };
    Script cutHead =
        client -> {
          client.readRequest();
          client.write("HTTP/1.1 200 OK\r\nContent-Le");
        };
    Script cutBody =
        client -> {
          client.readRequest();
          client.write("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello");
        };
    Script emptyGzip =
        client -> {
          client.readRequest();
          client.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n");
        };
    return Stream.of(
        Arguments.of("closes", close, true),
        Arguments.of("resets", reset, true),
        Arguments.of("cuts the head", cutHead, true),
        Arguments.of("cuts the body", cutBody, true),
        Arguments.of("sends an empty gzip body", emptyGzip, false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answers")
  void aRequestReachesItsServerOnceOrAsOftenAsItMay(String name, Script server, boolean retried) {
    int most = retried ? ATTEMPTS : 1;

    assertThat(requests(server, "\"method\":\"POST\",\"body\":\"b\"")).isEqualTo(1);
    assertThat(requests(server, "\"method\":\"PATCH\",\"body\":\"b\"")).isEqualTo(1);
    assertThat(requests(server, "\"method\":\"GET\"")).isEqualTo(most);
    assertThat(requests(server, "\"method\":\"PUT\",\"body\":\"b\"")).isEqualTo(most);
    assertThat(requests(server, "\"method\":\"POST\",\"idempotency_key\":true")).isEqualTo(most);
  }

  @Test
  void aRunWhoseTimeEndsBehindItsRequestDoesNotSendItAgain() {
    Script silent =
        client -> {
          client.readRequest();
          client.awaitClose();
        };
    // Enough for a request to be sent on a busy machine; all of it is waited for.
    var time = Limits.DEFAULTS.withTime(Duration.ofSeconds(8));

    assertThat(requests(silent, "\"method\":\"POST\",\"body\":\"b\"", time)).isEqualTo(1);
    assertThat(requests(silent, "\"method\":\"GET\"", time)).isEqualTo(ATTEMPTS);
  }

  @Test
  void everyAttemptOfANotificationSendsTheSameKeyAndBody() {
    var sent = notifications("\"channel\":\"webhook\",\"template\":\"${step}\"");

    assertThat(sent).hasSize(ATTEMPTS);
    assertThat(sent.stream().map(RetriedStepTest::keyAndBody).distinct())
        .singleElement()
        .asString()
        .contains("Idempotency-Key: " + id, "\"id\":\"" + id + "\"");
  }

  @Test
  void aNotificationIsNotRepeatedWhereItsReceiverKnowsNoKey() {
    assertThat(
            notifications("\"channel\":\"webhook\",\"template\":\"a\",\"idempotency_key\":false"))
        .hasSize(1);
    assertThat(
            notifications("\"channel\":\"slack\",\"api\":\"incoming_webhook\",\"template\":\"a\""))
        .hasSize(1)
        .noneMatch(sent -> sent.contains("Idempotency-Key"));
  }

  /** What reaches a server that never responds, until a step of {@code notify} has ended. */
  private List<String> notifications(String config) {
    Script close = RawServer.Client::readRequest;
    return sent(notification, close, config, Limits.DEFAULTS.withTime(Duration.ofMinutes(1)));
  }

  private static String keyAndBody(String sent) {
    var parts = sent.split("\r\n\r\n", 2);
    return parts[0].lines().filter(line -> line.startsWith("Idempotency-Key:")).toList() + parts[1];
  }

  private int requests(Script script, String config) {
    return requests(script, config, Limits.DEFAULTS.withTime(Duration.ofMinutes(1)));
  }

  private int requests(Script script, String config, Limits limits) {
    return sent(request, script, config, limits).size();
  }

  /** What reaches the server until the step has ended. */
  private List<String> sent(CompiledModule module, Script script, String config, Limits limits) {
    try (var server = RawServer.start(script);
        var egress =
            new Egress(
                EgressConfig.DEFAULTS, HostResolver.SYSTEM, TimeSource.SYSTEM, EventSink.NONE)) {
      egress.start();
      for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
        var document =
            """
            {"step":{"step_uuid":"%s","attempt":%d,"max_attempts":%d,"deadline_ms":%d},
             "config":{"url":"%s/",%s},"context":{},"deps":{}}\
            """
                .formatted(id, attempt, ATTEMPTS, 1000 + attempt, server.url(), config);
        var outcome = run(egress, module, step(attempt, document), limits);
        if (!(outcome instanceof Outcome.Retry)) {
          break;
        }
      }
      return server.requests();
    }
  }

  private Step step(int attempt, String document) {
    var any = Outcomes.step(id, "http_request", TraceContext.NONE);
    return new Step(
        any.ids(),
        any.name(),
        any.handler(),
        new Attempt(attempt, ATTEMPTS),
        any.timeout(),
        Document.of(document),
        any.claim(),
        any.readyAt(),
        any.trace());
  }

  private static Outcome run(Egress egress, CompiledModule module, Step step, Limits limits) {
    var secrets = SecretStore.NONE;
    var runner =
        new StepRunner(
            GuestServices.accessFactory(
                egress,
                secrets,
                new GuestCaches(CacheConfig.DEFAULTS, TimeSource.SYSTEM, EventSink.NONE),
                EventSink.NONE),
            StepRules.NONE,
            new RetryPolicy(
                new Backoff(Duration.ofMillis(1), Duration.ofMillis(1)), Duration.ofSeconds(1)),
            TimeSource.SYSTEM,
            () -> 0.5,
            EventSink.NONE);
    var resolved =
        new Resolution.Resolved(Outcomes.module("http_request"), module, grants(limits), null);
    return Objects.requireNonNull(runner.run(step, () -> resolved, new Cancellation()));
  }

  private static Grants grants(Limits limits) {
    return Grants.of(
        Capabilities.STANDARD,
        Set.copyOf(Capabilities.STANDARD.functionNames()),
        Grants.NONE.capabilities().with(Capabilities.HTTP, HttpGrants.of(EgressRig.anything())),
        ResourceClassName.TEXT,
        limits,
        Grants.DEFAULT_NEW_WORK,
        null);
  }
}
