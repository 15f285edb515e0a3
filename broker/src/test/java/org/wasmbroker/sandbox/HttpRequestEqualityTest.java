package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.AnsweredHttp;
import org.wasmbroker.testing.ClosedPort;
import org.wasmbroker.testing.EngineConfigs;
import org.wasmbroker.testing.HostAnswer;
import org.wasmbroker.testing.LoopbackHttp;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.PreparedInvocations;
import org.wasmbroker.testing.RecordedCases;
import org.wasmbroker.testing.RecordedCases.Case;
import org.wasmbroker.testing.ScriptedServer;
import tools.jackson.databind.json.JsonMapper;

/**
 * The handlers that send requests, {@code http_request} and {@code notify}, send in the sandbox, on
 * every engine, the requests that the same source sends as a native program, and answer byte for
 * byte what it answers. The time and the host's own words are left out, as they are when the native
 * program is recorded. Where the engine makes images, the same from the image of the configuration.
 */
class HttpRequestEqualityTest {
  @TestFactory
  Stream<DynamicTest> everyCaseOnEveryEngine() {
    return Stream.of("http_request", "notify").flatMap(HttpRequestEqualityTest::tests);
  }

  private static Stream<DynamicTest> tests(String handler) {
    var cases = RecordedCases.of(handler);
    assertThat(cases).hasSizeGreaterThanOrEqualTo(60);
    return Stream.of(
        DynamicTest.dynamicTest(
            handler + " on wasmtime",
            () ->
                check(
                    WasmtimeEngine.start(
                        EngineConfigs.cached(1), Capabilities.STANDARD.functions()),
                    handler,
                    cases)),
        DynamicTest.dynamicTest(
            handler + " on wasmtime-java",
            () ->
                check(
                    WasmtimeJavaEngine.start(EngineConfig.of(1), Capabilities.STANDARD.functions()),
                    handler,
                    cases)));
  }

  private static void check(Engine owned, String handler, List<Case> cases) {
    try (var engine = owned;
        var module = engine.compile(PrebuiltHandlers.module(handler), Limits.DEFAULTS)) {
      assertSoftly(
          all ->
              cases.forEach(
                  one -> {
                    all.assertThat(answer(module, one, false))
                        .as(one.name())
                        .isEqualTo(one.expected());
                    if (module.imageMaker().isPresent()) {
                      all.assertThat(answer(module, one, true))
                          .as(one.name() + ", from an image")
                          .isEqualTo(one.expected());
                    }
                  }));
    }
  }

  private static String answer(CompiledModule module, Case one, boolean prepared) {
    return one.isAnswered() ? answered(module, one, prepared) : served(module, one, prepared);
  }

  /** What is given in advance is the same for every host, down to its own words. */
  private static String answered(CompiledModule module, Case one, boolean prepared) {
    var http = new AnsweredHttp(HostAnswer.read(one.node().get("answers")));
    var result = run(module, one.document(), http, prepared);
    var requests =
        one.node().get("requests").valueStream().map(request -> request.asString()).toList();
    assertThat(http.requests()).as(one.name()).isEqualTo(requests);
    return RecordedCases.recorded(RecordedCases.withoutTime(result));
  }

  private static String served(CompiledModule module, Case one, boolean prepared) {
    var secrets = new HashMap<String, String>();
    one.node()
        .path("secrets")
        .properties()
        .forEach(secret -> secrets.put(secret.getKey(), secret.getValue().asString()));
    try (var server = new ScriptedServer(one.node().path("server"));
        var closed = new ClosedPort();
        var http = new LoopbackHttp(secrets)) {
      var document =
          one.document()
              .replace("@PORT@", Integer.toString(server.port()))
              .replace("@CLOSED@", Integer.toString(closed.number()));
      var result = run(module, document, http, prepared);
      assertThat(server.unservedExchanges()).as("requests that did not come; " + result).isZero();
      var recorded =
          result
              .replace(":" + server.port(), ":@PORT@")
              .replace(":" + closed.number(), ":@CLOSED@");
      return RecordedCases.recorded(RecordedCases.withoutTime(withoutCause(recorded)));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static String run(
      CompiledModule module, String document, GuestHttp http, boolean prepared) {
    var access = new Access(Set.copyOf(Capabilities.STANDARD.functionNames()), List.of(http));
    var invocation =
        new Invocation(
            "handler",
            Document.of(document),
            Limits.DEFAULTS,
            new Cancellation(),
            GuestLog.NONE,
            access);
    var result =
        module.run(prepared ? PreparedInvocations.prepared(module, invocation) : invocation);
    return result instanceof InvocationResult.Completed(var output, var _)
        ? output.text()
        : result.toString();
  }

  private static String withoutCause(String result) {
    if (!result.startsWith("{\"status\":\"failed\"")) {
      return result;
    }
    var cause = JsonMapper.shared().readTree(result).at("/error/context/cause");
    var written = cause.asString("").replace("\\", "\\\\").replace("\"", "\\\"");
    return written.isEmpty() ? result : result.replace(written, "…");
  }
}
