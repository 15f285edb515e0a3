package org.wasmbroker.telemetry.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.telemetry.ModuleEvent.CompilationFailure;
import org.wasmbroker.telemetry.PolicyEvent;
import org.wasmbroker.telemetry.ReportEvent;
import org.wasmbroker.telemetry.ReportEvent.Reason;
import org.wasmbroker.telemetry.RolloutEvent;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.TrustEvent;
import org.wasmbroker.testing.Outcomes;

class PrometheusMetricsTest {
  private final PrometheusMetrics metrics = new PrometheusMetrics("0.1.0", KnownValues.NONE);

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void aRunIsCountedAndTimedUnderItsHandler() {
    metrics.events().on(new StepEvent.Started(Outcomes.step("transform"), Duration.ofMillis(7)));
    metrics.events().on(new StepEvent.Ended(Outcomes.completed(Outcomes.receipt("transform"))));

    assertThat(scrape())
        .contains("wasm_broker_step_queue_wait_seconds_count 1")
        .contains("wasm_broker_step_queue_wait_seconds_bucket{le=\"0.01\"} 1")
        .contains("wasm_broker_step_queue_wait_seconds_bucket{le=\"0.005\"} 0")
        .contains("wasm_broker_step_instantiation_seconds_sum{handler=\"transform\"} 1.2E-5")
        .contains("wasm_broker_step_execution_seconds_sum{handler=\"transform\"} 0.003")
        .contains("wasm_broker_step_memory_bytes_bucket{handler=\"transform\",le=\"2097152.0\"} 1")
        .contains("wasm_broker_step_memory_bytes_bucket{handler=\"transform\",le=\"1048576.0\"} 0")
        .contains("wasm_broker_step_memory_bytes_max{handler=\"transform\"} 2097152.0")
        .contains(
            "wasm_broker_steps_total{error=\"none\",handler=\"transform\",outcome=\"completed\"}"
                + " 1");
  }

  @Test
  void aBrokenPolicyFileIsShownUntilAValidOneIsApplied() {
    metrics.events().on(new PolicyEvent.Applied(Digest.of(new byte[0]), 3));
    metrics.events().on(new PolicyEvent.Refused("line 1: is not YAML"));
    assertThat(scrape())
        .contains("wasm_broker_policy_loads_total{outcome=\"applied\"} 1")
        .contains("wasm_broker_policy_loads_total{outcome=\"refused\"} 1")
        .contains("wasm_broker_policy_broken 1")
        .contains("wasm_broker_policy_rules 3");

    metrics.events().on(new PolicyEvent.Applied(Digest.of(new byte[0]), 4));
    assertThat(scrape()).contains("wasm_broker_policy_broken 0", "wasm_broker_policy_rules 4");
  }

  @Test
  void aRolloutAndItsRollbackAreShown() {
    var events = metrics.events();
    events.on(new RolloutEvent.Applied(Digest.of(new byte[0]), 3, 1));
    events.on(new RolloutEvent.Shared(true));
    events.on(new RolloutEvent.Weighted("transform", 12.5));
    events.on(new RolloutEvent.RunsCounted("transform", true, 10, 1, 2, 3));
    events.on(new RolloutEvent.RunsCounted("transform", false, 90, 0, 0, 0));
    assertThat(scrape())
        .contains("wasm_broker_rollout_loads_total{outcome=\"applied\"} 1")
        .contains("wasm_broker_rollout_broken 0", "wasm_broker_rollout_shared 1")
        .contains("wasm_broker_rollout_weight_percent{handler=\"transform\"} 12.5")
        .contains("wasm_broker_rollout_rolled_back{handler=\"transform\"} 0")
        .contains(runs("good", "candidate") + " 4", runs("trap", "candidate") + " 1")
        .contains(runs("limit", "candidate") + " 2")
        .contains(runs("permanent_failure", "candidate") + " 3", runs("good", "stable") + " 90");

    events.on(new RolloutEvent.RolledBack("transform", "1.1.0", "it traps"));
    events.on(new RolloutEvent.Refused("line 1"));
    assertThat(scrape())
        .contains("wasm_broker_rollout_rolled_back{handler=\"transform\"} 1")
        .contains("wasm_broker_rollout_rollbacks_total{handler=\"transform\"} 1")
        .contains("wasm_broker_rollout_broken 1");

    events.on(new RolloutEvent.Reset("transform", "1.1.0"));
    assertThat(scrape()).contains("wasm_broker_rollout_rolled_back{handler=\"transform\"} 0");
  }

  private static String runs(String end, String release) {
    return "wasm_broker_rollout_runs_total{end=\"%s\",handler=\"transform\",release=\"%s\"}"
        .formatted(end, release);
  }

  @Test
  void approvalsAndTheRemainingTimeOfKeysAreShown() {
    var events = metrics.events();
    var end = Instant.now().plus(Duration.ofDays(1));
    events.on(new TrustEvent.ApprovalsApplied(2));
    events.on(new TrustEvent.ApprovalsRefused("line 1"));
    events.on(new TrustEvent.KeysChanged(Map.of("a", end, "b", Instant.EPOCH), "a ends"));
    assertThat(scrape())
        .contains("wasm_broker_approvals 2", "wasm_broker_approvals_broken 1")
        .containsPattern("signature_key_remaining_seconds\\{key=\"a\"\\} 86[34]")
        .containsPattern("signature_key_remaining_seconds\\{key=\"b\"\\} -");

    events.on(new TrustEvent.KeysChanged(Map.of(), ""));
    events.on(new TrustEvent.ApprovalsApplied(3));
    assertThat(scrape())
        .contains("wasm_broker_approvals 3", "wasm_broker_approvals_broken 0")
        .doesNotContain("signature_key_remaining_seconds{");
  }

  @Test
  void whatStepsDoWithTheirCachesIsCountedByHandlerAndResult() {
    metrics.register(new CacheGauges(() -> 7, () -> 900, () -> 1000, () -> 3));
    var module = Outcomes.module("enrich");
    metrics.events().on(new CallEvent.CacheUsed(Outcomes.step("enrich"), module, 5, 4, 3, 2, 1));
    metrics.events().on(new CallEvent.CacheUsed(Outcomes.step("enrich"), module, 1, 0, 0, 0, 0));

    assertThat(scrape())
        .contains(
            "wasm_broker_cache_calls_total{handler=\"enrich\",result=\"hit\"} 6.0",
            "wasm_broker_cache_calls_total{handler=\"enrich\",result=\"miss\"} 4.0",
            "wasm_broker_cache_calls_total{handler=\"enrich\",result=\"put\"} 3.0",
            "wasm_broker_cache_calls_total{handler=\"enrich\",result=\"refused\"} 2.0",
            "wasm_broker_cache_calls_total{handler=\"enrich\",result=\"delete\"} 1.0",
            "wasm_broker_cache_entries 7.0",
            "wasm_broker_cache_size_bytes 900.0",
            "wasm_broker_cache_limit_bytes 1000.0",
            "wasm_broker_cache_evicted_total 3.0");
  }

  @Test
  void bucketsRangeFromAMicrosecondToAMinute() {
    metrics.events().on(new StepEvent.Ended(Outcomes.completed(Outcomes.receipt("transform"))));

    assertThat(scrape())
        .contains("wasm_broker_step_execution_seconds_bucket{handler=\"transform\",le=\"1.0E-6\"}")
        .contains("wasm_broker_step_execution_seconds_bucket{handler=\"transform\",le=\"60.0\"}");
  }

  @Test
  void failuresAreCountedByOutcomeAndType() {
    var receipt = Outcomes.receipt("transform");
    metrics.events().on(new StepEvent.Ended(Outcomes.failed("schema_violation", receipt)));
    metrics.events().on(new StepEvent.Ended(Outcomes.exhausted("limit_exceeded", receipt)));
    metrics.events().on(new StepEvent.Ended(Outcomes.retry("limit_exceeded", receipt)));

    assertThat(scrape())
        .contains(steps("schema_violation", "transform", "failed") + " 1.0")
        .contains(steps("limit_exceeded", "transform", "exhausted") + " 1.0")
        .contains(steps("limit_exceeded", "transform", "retry") + " 1.0");
  }

  @Test
  void aStepWithoutAModuleIsCountedWithoutItsHandlersName() {
    metrics
        .events()
        .on(
            new StepEvent.Ended(
                Outcomes.failed("unknown_handler", Receipt.none(Duration.ofMillis(1)))));

    assertThat(scrape())
        .contains(steps("unknown_handler", "none", "failed") + " 1.0")
        .doesNotContain("handler=\"transform\"");
  }

  @Test
  void handlersBeyondTwoHundredAreCountedAsOther() {
    for (int i = 0; i < 250; i++) {
      metrics
          .events()
          .on(new StepEvent.Ended(Outcomes.completed(Outcomes.receipt("handler-" + i))));
    }

    assertThat(scrape())
        .contains(steps("none", "handler-199", "completed") + " 1.0")
        .contains(steps("none", "other", "completed") + " 50.0")
        .doesNotContain("handler-200");
  }

  @Test
  void anInvalidErrorTypeIsCountedAsOther() {
    metrics
        .events()
        .on(
            new StepEvent.Ended(
                Outcomes.failed("an evil\"} 1\ntype", Outcomes.receipt("transform"))));

    assertThat(scrape()).contains(steps("other", "transform", "failed") + " 1.0");
  }

  @Test
  void hostCallsAreCountedByFunctionAndResult() {
    metrics
        .events()
        .on(
            new StepEvent.Ended(
                Outcomes.completed(
                    Outcomes.receipt("transform", new HostCallCount("read_input", 4, 2, 1)))));

    assertThat(scrape())
        .contains("wasm_broker_host_calls_total{function=\"read_input\",result=\"allowed\"} 4.0")
        .contains("wasm_broker_host_calls_total{function=\"read_input\",result=\"denied\"} 2.0")
        .contains("wasm_broker_host_calls_total{function=\"read_input\",result=\"failed\"} 1.0");
  }

  @Test
  void rareEventsStartAtZero() {
    assertThat(scrape())
        .contains("wasm_broker_leases_lost_total 0.0")
        .contains("wasm_broker_reports_late_total 0.0")
        .contains("wasm_broker_report_failures_total 0.0")
        .contains("wasm_broker_outcomes_dropped_total 0.0")
        .contains("wasm_broker_claim_failures_total 0.0")
        .contains("wasm_broker_lease_renewal_failures_total 0.0")
        .contains("wasm_broker_modules_refused_total{reason=\"untrusted\"} 0.0")
        .contains("wasm_broker_steps_given_back_total{reason=\"draining\"} 0.0")
        .contains("wasm_broker_domain_events_failed_total{reason=\"schema\"} 0.0")
        .contains(steps("unknown_handler", "none", "failed") + " 0.0");
  }

  @Test
  void claimsAndReportsAreMeasured() {
    metrics.events().on(new IntakeEvent.Claimed(25, 100, Duration.ofMillis(2)));
    metrics
        .events()
        .on(new IntakeEvent.ClaimFailed(new IOException("gone"), Duration.ofSeconds(1)));
    metrics.events().on(new IntakeEvent.DeadLettered("catalog_queue", "not_a_step"));
    metrics
        .events()
        .on(
            new ReportEvent.Released(
                Collections.nCopies(3, Outcomes.step("transform")), Reason.WAITED_TOO_LONG));
    metrics.events().on(new StepEvent.LeaseLost(Outcomes.step("transform")));
    metrics.events().on(new ReportEvent.Written(25, Duration.ofMillis(4), Duration.ofMillis(9)));

    assertThat(scrape())
        .contains("wasm_broker_claim_size_steps_sum 25.0")
        .contains("wasm_broker_claim_round_trip_seconds_sum 0.002")
        .contains("wasm_broker_claim_failures_total 1.0")
        .contains(
            "wasm_broker_dead_letters_total{queue=\"catalog_queue\",reason=\"not_a_step\"} 1.0")
        .contains("wasm_broker_steps_given_back_total{reason=\"waited_too_long\"} 3.0")
        .contains("wasm_broker_leases_lost_total 1.0")
        .contains("wasm_broker_report_size_steps_sum 25.0")
        .contains("wasm_broker_report_round_trip_seconds_sum 0.004")
        .contains("wasm_broker_report_delay_seconds_sum 0.009");
  }

  @Test
  void guestRequestsAreCountedByRuleAndNeverByUrl() {
    var rule = "handlers[2].http[0]";
    metrics
        .events()
        .on(
            new CallEvent.HttpCompleted(
                Outcomes.step("transform"),
                Outcomes.module("transform"),
                rule,
                "2xx",
                Duration.ofMillis(8),
                120,
                4000));
    metrics
        .events()
        .on(
            new CallEvent.HttpRefused(
                Outcomes.step("transform"),
                Outcomes.module("transform"),
                "not_allowed",
                "address"));
    metrics
        .events()
        .on(
            new CallEvent.HttpRefused(
                Outcomes.step("transform"),
                Outcomes.module("transform"),
                "https://evil.example/?x",
                "a b"));
    metrics
        .events()
        .on(
            new CallEvent.HttpAudited(
                Outcomes.step("transform"), Outcomes.module("transform"), rule));

    assertThat(scrape())
        .contains(
            "wasm_broker_http_requests_total{handler=\"transform\",outcome=\"2xx\",rule=\"handlers.2.http.0\"}"
                + " 1.0")
        .contains("wasm_broker_http_request_seconds_sum{rule=\"handlers.2.http.0\"} 0.008")
        .contains("wasm_broker_http_sent_bytes_total{handler=\"transform\"} 120.0")
        .contains("wasm_broker_http_received_bytes_total{handler=\"transform\"} 4000.0")
        .contains(
            "wasm_broker_http_refused_total{error=\"not_allowed\",handler=\"transform\",reason=\"address\"}"
                + " 1.0")
        .contains(
            "wasm_broker_http_audited_total{handler=\"transform\",rule=\"handlers.2.http.0\"} 1.0")
        .doesNotContain("evil");
  }

  @Test
  void gaugesAreReadAtEachScrape() {
    var inUse = new AtomicInteger(1);
    metrics.register(
        new Gauges(
            () -> 16,
            inUse::get,
            () -> 4,
            () -> 2,
            () -> 9,
            () -> 40,
            () -> 512,
            () -> 64,
            () -> 3,
            () -> 5,
            () -> 7,
            () -> 1.5,
            20));
    assertThat(scrape())
        .contains("wasm_broker_slots 16.0")
        .contains("wasm_broker_slots_in_use 1.0")
        .contains("wasm_broker_processors 4.0")
        .contains("wasm_broker_guests_computing 2.0")
        .contains("wasm_broker_guests_waiting_for_permit 9.0")
        .contains("wasm_broker_steps_waiting 40.0")
        .contains("wasm_broker_prefetch_steps 5.0")
        .contains("wasm_broker_report_backlog 7.0")
        .contains("wasm_broker_drain_grace_seconds 20.0")
        .contains("wasm_broker_stalled_seconds 1.5")
        .contains("wasm_broker_thread_failures_total ");

    inUse.set(5);
    assertThat(scrape()).contains("wasm_broker_slots_in_use 5.0");
  }

  @Test
  void versionsAreInfoMetrics() {
    metrics.registerEngine(Outcomes.ENGINE, Instant.EPOCH, null);
    metrics
        .events()
        .on(new ModuleEvent.Loaded(Outcomes.module("transform"), 1000, Duration.ofMillis(80)));
    metrics.registerModules(() -> List.of(loaded(Outcomes.module("transform"))));
    metrics.events().on(new ModuleEvent.Compiled(Duration.ofMillis(70)));
    metrics.events().on(new ModuleEvent.CompilationFailed(CompilationFailure.MEMORY));
    metrics.events().on(new ModuleEvent.InMemory(3, 4096));

    assertThat(scrape())
        .contains("wasm_broker_module_compile_seconds_sum 0.07")
        .contains("wasm_broker_module_compile_failures_total{reason=\"memory\"} 1.0")
        .contains("wasm_broker_module_compile_failures_total{reason=\"time\"} 0.0")
        .contains("wasm_broker_modules_in_memory 3.0")
        .contains("wasm_broker_modules_code_bytes 4096.0")
        .contains("wasm_broker_engine_info{engine=\"wasmtime\",version=\"1.2.3\"} 1")
        .contains("wasm_broker_build_info{java=")
        .contains(",version=\"0.1.0\"} 1")
        .contains("handler=\"transform\",version=\"1.0.0\"} 1")
        .contains("wasm_broker_module_load_seconds_sum 0.08");
  }

  @Test
  void jvmAndProcessMetricsAreIncluded() {
    assertThat(scrape())
        .contains("jvm_memory_used_bytes{")
        .contains("jvm_threads_live_threads")
        .contains("process_cpu_usage")
        .contains("process_uptime_seconds")
        .containsPattern("process_resident_memory_bytes ([0-9.E]+|NaN)\n");
  }

  @Test
  void openMetricsIsServedOnRequest() {
    var openMetrics =
        metrics.scrape("application/openmetrics-text; version=1.0.0, text/plain;q=0.5");
    var plain = metrics.scrape("text/html,*/*;q=0.8");

    assertThat(openMetrics.contentType()).startsWith("application/openmetrics-text");
    assertThat(openMetrics.text()).endsWith("# EOF\n");
    assertThat(plain.contentType()).startsWith("text/plain; version=0.0.4");
    assertThat(metrics.scrape(null).contentType()).startsWith("text/plain");
  }

  private String scrape() {
    return metrics.scrape(null).text();
  }

  private static LoadedModule loaded(ModuleId module) {
    return new LoadedModule(module, Map.of(), false, false, false);
  }

  private static String steps(String error, String handler, String outcome) {
    return "wasm_broker_steps_total{error=\"%s\",handler=\"%s\",outcome=\"%s\"}"
        .formatted(error, handler, outcome);
  }
}
