package org.wasmbroker.telemetry.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.telemetry.LifecycleEvent;
import org.wasmbroker.telemetry.RolloutEvent;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.micrometer.KnownValues.HttpRefusal;
import org.wasmbroker.telemetry.micrometer.KnownValues.SecretUse;
import org.wasmbroker.testing.Outcomes;

/** Which series there are: those that alerts need from the start, and never more than a bound. */
class SeriesTest {
  private static final KnownValues KNOWN =
      new KnownValues(
          false,
          Map.of("catalog_queue", List.of("invalid", "exhausted", "poisoned")),
          List.of("time", "memory"),
          List.of("unreachable", "other"),
          List.of("read_input"),
          List.of(new HttpRefusal("not_allowed", "address")),
          List.of(new SecretUse("read", "denied")));
  private static final ModuleId MODULE = Outcomes.module("transform");

  private final PrometheusMetrics metrics = new PrometheusMetrics("0.1.0", KNOWN);
  private final AtomicReference<List<LoadedModule>> loaded = new AtomicReference<>(List.of());

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void whatIsKnownHasASeriesBeforeAnythingHappens() {
    assertThat(scrape())
        .contains(
            "wasm_broker_dead_letters_total{queue=\"catalog_queue\",reason=\"exhausted\"} 0.0",
            "wasm_broker_dead_letters_total{queue=\"catalog_queue\",reason=\"invalid\"} 0.0",
            "wasm_broker_dead_letters_total{queue=\"catalog_queue\",reason=\"poisoned\"} 0.0",
            "wasm_broker_limit_exceeded_total{limit=\"memory\"} 0.0",
            "wasm_broker_limit_exceeded_total{limit=\"time\"} 0.0",
            "wasm_broker_host_calls_total{function=\"read_input\",result=\"denied\"} 0.0",
            "wasm_broker_suspects_started_total 0.0",
            "wasm_broker_drain_interrupted_steps_total 0.0",
            steps("unknown_handler", "none", "failed") + " 0.0",
            steps("broker_fault", "none", "exhausted") + " 0.0")
        .doesNotContain("handler=\"transform\"");
  }

  @Test
  void aLoadedModuleHasTheSeriesOfAllItsEnds() {
    load(
        new LoadedModule(MODULE, Map.of("bad_input", false, "busy", true), true, true, true, true));

    assertThat(scrape())
        .contains(
            steps("none", "transform", "completed") + " 0.0",
            steps("trapped", "transform", "failed") + " 0.0",
            steps("limit_exceeded", "transform", "retry") + " 0.0",
            steps("limit_exceeded", "transform", "exhausted") + " 0.0",
            steps("bad_input", "transform", "failed") + " 0.0",
            steps("busy", "transform", "retry") + " 0.0",
            steps("busy", "transform", "exhausted") + " 0.0",
            steps("other", "transform", "failed") + " 0.0",
            "wasm_broker_traps_total{handler=\"transform\",trap=\"unreachable\",version=\"1.0.0\"}"
                + " 0.0",
            "wasm_broker_module_steps_total{handler=\"transform\",outcome=\"retry\",version=\"1.0.0\"}"
                + " 0.0",
            "wasm_broker_http_refused_total{error=\"not_allowed\",handler=\"transform\",reason=\"address\"}"
                + " 0.0",
            "wasm_broker_secrets_used_total{answer=\"denied\",handler=\"transform\",use=\"read\"}"
                + " 0.0",
            "wasm_broker_cache_calls_total{handler=\"transform\",result=\"hit\"} 0.0",
            "wasm_broker_files_calls_total{handler=\"transform\",result=\"refused\"} 0.0",
            "wasm_broker_http_sent_bytes_total{handler=\"transform\"} 0.0")
        .doesNotContain(steps("result_schema_violation", "transform", "failed"));
  }

  @Test
  void aHandlerThatMayCallNothingHasNoSeriesOfCalls() {
    load(new LoadedModule(MODULE, Map.of(), false, false, false));

    assertThat(scrape()).doesNotContain("wasm_broker_http_", "wasm_broker_secrets_");
  }

  @Test
  void trapsAreCountedByVersionAndKind() {
    load(module("transform", "1.0.0"), module("transform", "1.1.0"));
    ended(trapped("unreachable", receipt(version("transform", "1.1.0"))));
    ended(trapped("made up", receipt(version("transform", "1.1.0"))));

    assertThat(scrape())
        .contains(traps("1.0.0", "unreachable") + " 0.0", traps("1.1.0", "unreachable") + " 1.0")
        .contains(traps("1.1.0", "other") + " 1.0")
        .contains(
            "wasm_broker_module_steps_total{handler=\"transform\",outcome=\"failed\",version=\"1.1.0\"}"
                + " 2.0")
        .doesNotContain("made");
  }

  @Test
  void theSeriesOfAVersionAndOfAHandlerGoWithThem() {
    load(module("transform", "1.0.0"), module("transform", "1.1.0"), module("other-one", "1.0.0"));
    assertThat(scrape()).contains("version=\"1.0.0\"", "handler=\"other-one\"");

    load(module("transform", "1.1.0"));
    assertThat(scrape())
        .contains("handler=\"transform\"", "version=\"1.1.0\"")
        .doesNotContain("version=\"1.0.0\"", "handler=\"other-one\"");
  }

  @Test
  void aHandlerThatComesAfterManyOthersHaveGoneHasItsOwnSeries() {
    for (int i = 0; i < 600; i++) {
      load(module("handler-" + i, "1.0.0"));
      assertThat(scrape()).contains(steps("none", "handler-" + i, "completed"));
    }
    assertThat(scrape()).doesNotContain("handler=\"other\"", "handler=\"handler-598\"");
  }

  @Test
  void aFloodOfNamesMakesABoundedNumberOfSeries() {
    load(module("transform", "1.0.0"));
    flood(0, 3_000);
    long series = seriesOf("wasm_broker_");
    flood(3_000, 6_000);

    assertThat(seriesOf("wasm_broker_")).isEqualTo(series);
    assertThat(series).isLessThan(60_000);
    assertThat(scrape().lines())
        .allSatisfy(line -> assertThat(line.length()).isLessThan(400))
        .noneMatch(line -> line.contains("evil"));
  }

  /** Whatever a guest, a message or the operator's files can put into an event. */
  private void flood(int from, int to) {
    for (int i = from; i < to; i++) {
      var module = version("handler-" + i % 1_000, "1.0." + i);
      var step = Outcomes.step("evil-" + i);
      var receipt = receipt(module, new HostCallCount("function-" + i, 1, 1, 1));
      ended(Outcomes.failed("error-" + i, receipt));
      ended(Outcomes.failed("evil error " + i, receipt(MODULE)));
      ended(Outcomes.failed("own_error_" + i, receipt(MODULE)));
      ended(trapped("kind-" + i, receipt));
      on(new StepEvent.LimitExceeded(step, "limit-" + i));
      on(new IntakeEvent.DeadLettered("queue-" + i, "reason-" + i));
      on(new CallEvent.HttpRefused(step, module, "https://evil.example/" + i, "reason-" + i));
      on(new CallEvent.HttpRefused(step, MODULE, "error-" + i, "reason-" + i));
      on(new CallEvent.HttpAudited(step, MODULE, "handlers[" + i + "].http[0]"));
      on(
          new CallEvent.HttpCompleted(
              step, MODULE, "handlers[" + i + "].http[0]", "out-" + i, Duration.ZERO, 1, 1));
      on(new CallEvent.SecretUsed(step, MODULE, "use-" + i, "answer-" + i));
      on(new RolloutEvent.Weighted("handler-" + i, 1));
    }
  }

  @Test
  void aSampledTraceBecomesAnExemplarOfTheStepsHistograms() {
    var trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    var step =
        Outcomes.step(
            new StepId(new java.util.UUID(1, 1)),
            "transform",
            new TraceContext("00-" + trace + "-00f067aa0ba902b7-01", null));
    on(new StepEvent.Started(step, Duration.ofMillis(7)));
    on(
        new StepEvent.Ended(
            new Outcome.Completed(
                step,
                Outcomes.step("x").document(),
                java.time.Instant.EPOCH,
                Outcomes.receipt("transform"))));

    assertThat(openMetrics().lines())
        .filteredOn(line -> line.contains("# {"))
        .allMatch(line -> line.contains("trace_id=\"" + trace + "\""))
        .allMatch(line -> line.contains("_bucket{") || line.contains("_total{"))
        .anyMatch(line -> line.startsWith("wasm_broker_step_execution_seconds_bucket"))
        .anyMatch(line -> line.startsWith("wasm_broker_step_instantiation_seconds_bucket"))
        .anyMatch(line -> line.startsWith("wasm_broker_step_queue_wait_seconds_bucket"));
    assertThat(scrape()).doesNotContain(trace);
  }

  @Test
  void aTraceThatIsNotSampledOrNotATraceBecomesNone() {
    for (var traceparent :
        List.of(
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
            "00-\"} evil 1-00f067aa0ba902b7-01",
            "0".repeat(100_000))) {
      var step =
          Outcomes.step(
              new StepId(new java.util.UUID(1, 1)),
              "transform",
              new TraceContext(traceparent, null));
      on(new StepEvent.Started(step, Duration.ofMillis(7)));
    }
    assertThat(openMetrics()).doesNotContain("# {", "evil");
  }

  @Test
  void aDrainAndWhatItCouldNotEndAreShown() {
    assertThat(scrape()).contains("wasm_broker_draining_seconds 0.0");

    on(new LifecycleEvent.DrainStarted(2, 1));
    on(new LifecycleEvent.DrainOverrun(2));
    on(new LifecycleEvent.DrainStuck(1));
    assertThat(scrape())
        .containsPattern("wasm_broker_draining_seconds [0-9.E-]*[1-9]")
        .contains("wasm_broker_drain_interrupted_steps_total 2.0")
        .contains("wasm_broker_drain_stuck_steps_total 1.0");
  }

  @Test
  void everyErrorTypeOfTheDocumentIsKnown() throws Exception {
    var documented = new TreeSet<String>();
    for (var line : Files.readAllLines(Path.of("..", "docs", "step-errors.md"))) {
      if (line.startsWith("| `")) {
        var types = line.substring(0, line.indexOf('|', 1));
        Pattern.compile("`([a-z_]+)`")
            .matcher(types)
            .results()
            .forEach(type -> documented.add(type.group(1)));
      }
    }
    assertThat(Arrays.stream(BrokerError.values()).map(BrokerError::type))
        .containsExactlyInAnyOrderElementsOf(documented);
  }

  private void load(LoadedModule... modules) {
    loaded.set(List.of(modules));
    metrics.registerModules(loaded::get);
  }

  private void on(org.wasmbroker.telemetry.BrokerEvent event) {
    metrics.events().on(event);
  }

  private void ended(Outcome outcome) {
    on(new StepEvent.Ended(outcome));
  }

  private static Outcome trapped(String kind, Receipt receipt) {
    var failed = (Outcome.Failed) Outcomes.failed("trapped", receipt);
    return new Outcome.Failed(
        failed.step(),
        new StepError("trapped", "it did", false, kind, null, List.of(), null),
        false,
        failed.startedAt(),
        receipt);
  }

  private static LoadedModule module(String handler, String version) {
    return new LoadedModule(version(handler, version), Map.of(), false, false, false);
  }

  private static ModuleId version(String handler, String version) {
    return new ModuleId(handler, version, new Digest("0".repeat(64)));
  }

  private static Receipt receipt(ModuleId module, HostCallCount... calls) {
    return Outcomes.receipt("transform", calls).withModule(module, Duration.ZERO);
  }

  private long seriesOf(String prefix) {
    return scrape().lines().filter(line -> line.startsWith(prefix)).count();
  }

  private String scrape() {
    return metrics.scrape(null).text();
  }

  private String openMetrics() {
    return metrics.scrape("application/openmetrics-text; version=1.0.0").text();
  }

  private static String steps(String error, String handler, String outcome) {
    return "wasm_broker_steps_total{error=\"%s\",handler=\"%s\",outcome=\"%s\"}"
        .formatted(error, handler, outcome);
  }

  private static String traps(String version, String kind) {
    return "wasm_broker_traps_total{handler=\"transform\",trap=\"%s\",version=\"%s\"}"
        .formatted(kind, version);
  }
}
