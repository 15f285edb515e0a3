package org.wasmbroker.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.Engines;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.release.Example;
import org.wasmbroker.registry.release.Example.Expectation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.testing.EngineConfigs;
import org.wasmbroker.testing.PrebuiltHandlers;

/** An example is run as a step is, and matches if its outcome is the expected one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExampleRunnerTest {
  private static final HandlerRef TRANSFORM = HandlerRef.parse("transform");

  private Engine engine;
  private CompiledModule module;

  @BeforeAll
  void compile() {
    engine = Engines.start(EngineName.WASMTIME, EngineConfigs.cached(1));
    module = engine.compile(PrebuiltHandlers.module("transform"), Limits.DEFAULTS);
  }

  @AfterAll
  void close() {
    engine.close();
  }

  @Test
  void anExpectedResultMatches() {
    var outcome = run(".context|{sum: add, all: .}", "[1, 2]", result("{\"all\":[1,2],\"sum\":3}"));

    assertThat(outcome.differences()).isEmpty();
    assertThat(outcome.matched()).isTrue();
    assertThat(outcome.outcome().receipt().memoryHighWaterBytes()).isPositive();
  }

  @Test
  void anotherResultHasDifferencesWithTheirPlaces() {
    var outcome = run("{total: .context.n, more: [1]}", "{\"n\": 4}", result("{\"total\": 3}"));

    assertThat(outcome.matched()).isFalse();
    assertThat(texts(outcome))
        .containsExactly(
            "/result/total: expected 3, was 4", "/result/more: expected nothing, was [1]");
  }

  @Test
  void ofAnErrorOnlyWhatIsExpectedIsCompared() {
    var filter = "error(\"broken\")";

    assertThat(run(filter, "null", error("filter_runtime_error", null, null)).matched()).isTrue();
    assertThat(texts(run(filter, "null", error("other", null, true))))
        .containsExactly(
            "/error/type: expected \"other\", was \"filter_runtime_error\"",
            "/error/retryable: expected true, was false");
    assertThat(texts(run(filter, "null", error("filter_runtime_error", "whole", false))))
        .singleElement()
        .asString()
        .startsWith("/error/message: expected \"whole\", was \"broken");
  }

  @Test
  void anErrorInsteadOfAResultIsShownWithItsMessage() {
    assertThat(texts(run("error(\"broken\")", "null", result("1"))))
        .singleElement()
        .asString()
        .contains("expected {\"result\":1}, was {\"error\":", "broken");
  }

  @Test
  void aResultInsteadOfAnErrorIsShown() {
    assertThat(texts(run("1", "null", error("filter_runtime_error", null, null))))
        .containsExactly(
            ": expected {\"error\":{\"type\":\"filter_runtime_error\"}}, was {\"result\":1}");
  }

  @Test
  void whatTheGuestLogsIsKept() {
    var outcome = run("1 | debug", "null", result("1"));

    assertThat(outcome.log()).singleElement().asString().contains("1");
  }

  @Test
  void aGuestThatExceedsItsTimeLimitDiffersByThatError() {
    var expected = error("limit_exceeded", null, null);
    var limits = Limits.DEFAULTS.withTime(Duration.ofMillis(20));

    assertThat(run("last(repeat(1))", "null", expected, limits).matched()).isTrue();
    assertThat(texts(run("last(repeat(1))", "null", result("1"), limits)))
        .singleElement()
        .asString()
        .contains("limit_exceeded");
  }

  @Test
  void aModuleThatIsRefusedDiffersByThatError() {
    var example = new Example("refused", Document.of("{}"), result("1"));

    assertThat(
            runner().run(example, TRANSFORM, new Resolution.Refused("it is broken")).differences())
        .singleElement()
        .asString()
        .contains("module_refused", "it is broken");
  }

  private static Expectation result(String json) {
    return new Expectation.Result(Document.of(json));
  }

  private static Expectation error(
      String type, @Nullable String message, @Nullable Boolean retryable) {
    return new Expectation.Failure(type, message, null, retryable);
  }

  private static List<String> texts(ExampleOutcome outcome) {
    return outcome.differences().stream().map(Difference::toString).toList();
  }

  private ExampleOutcome run(String filter, String context, Expectation expected) {
    return run(filter, context, expected, Limits.DEFAULTS);
  }

  private ExampleOutcome run(String filter, String context, Expectation expected, Limits limits) {
    var input =
        "{\"config\": {\"filter\": \"%s\"}, \"context\": %s}"
            .formatted(filter.replace("\"", "\\\""), context);
    var id = new ModuleId("transform", "1.0.0", module.digest());
    var resolved = new Resolved(id, module, Grants.basic(limits), null);
    return runner().run(new Example("it", Document.of(input), expected), TRANSFORM, resolved);
  }

  private ExampleRunner runner() {
    return new ExampleRunner(
        DispatchConfig.DEFAULTS.retryPolicy(),
        EngineConfigs.cached(1).threadStackBytes(),
        StepAccessFactory.BASIC);
  }
}
