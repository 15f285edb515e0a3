package org.wasmbroker.observed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Every query of every panel and alert has an answer after a run in which everything happened. */
@TestInstance(Lifecycle.PER_CLASS)
class ObservedRunIT {
  /** More of them make smoother pictures. */
  private static final int ROUNDS = Integer.getInteger("observed.rounds", 40);

  /** What the pictures of the documents are drawn from. */
  private static final Path RECORD = Path.of("target", "observed.json");

  private ObservedRun run;
  private PrometheusServer prometheus;

  @BeforeAll
  void letItHappen(@TempDir Path folder) throws IOException, InterruptedException {
    run = new ObservedRun(folder);
    prometheus = run.prometheus();
    run.run(ROUNDS);
    Files.writeString(RECORD, RunRecord.of(prometheus, run.began(), Instant.now()));
  }

  @AfterAll
  void close() {
    run.close();
  }

  @Test
  void everyQueryOfEveryPanelHasAnAnswer() throws IOException, InterruptedException {
    var unanswered = new ArrayList<String>();
    for (var query : DashboardQuery.all()) {
      if (!hasNumbers(prometheus.query(query.filledIn(wholeRun())))) {
        unanswered.add(query.toString());
      }
    }
    assertThat(unanswered).isEmpty();
  }

  @Test
  void everySeriesThatAnAlertLooksAtIsThere() throws IOException, InterruptedException {
    var unanswered = new ArrayList<String>();
    for (var rule : rules()) {
      for (var selector : Selectors.of(rule.path("query").asString())) {
        if (!hasNumbers(prometheus.query("last_over_time(%s[1h])".formatted(selector)))) {
          unanswered.add(rule.path("name").asString() + ": " + selector);
        }
      }
    }
    assertThat(unanswered).isEmpty();
  }

  @Test
  void everyRuleCanBeEvaluated() throws IOException, InterruptedException {
    assertThat(rules())
        .isNotEmpty()
        .allSatisfy(
            rule ->
                assertThat(rule.path("health").asString())
                    .as("%s: %s", rule.path("name"), rule.path("lastError"))
                    .isEqualTo("ok"));
  }

  @Test
  void whatHappenedHasFired() throws IOException, InterruptedException {
    var active = new TreeSet<String>();
    for (var alert : prometheus.query("last_over_time(ALERTS[1d])")) {
      active.add(alert.path("metric").path("alertname").asString());
    }
    assertThat(active)
        .contains(
            "WasmBrokerDeadLetters",
            "WasmBrokerDown",
            "WasmBrokerTraps",
            "WasmBrokerLeasesLost",
            "WasmBrokerSecretsRefused",
            "WasmBrokerRolledBack",
            "WasmBrokerModuleRefused",
            "WasmBrokerSignatureKeyExpiring");
  }

  @Test
  void whatDidNotHappenOrIsOverDoesNotFire() throws IOException, InterruptedException {
    var active = new TreeSet<String>();
    for (var rule : rules()) {
      if (Set.of("pending", "firing").contains(rule.path("state").asString(""))) {
        active.add(rule.path("name").asString());
      }
    }
    assertThat(active)
        .doesNotContain(
            "WasmBrokerThreadFailures",
            "WasmBrokerOutcomesDropped",
            "WasmBrokerStepsPoisoned",
            "WasmBrokerPolicyBroken",
            "WasmBrokerRolloutFileBroken",
            "WasmBrokerAbsent");
  }

  @Test
  void dotsOnDurationsLeadToTraces() throws IOException, InterruptedException {
    for (var histogram :
        List.of("wasm_broker_step_execution_seconds", "wasm_broker_step_queue_wait_seconds")) {
      var exemplars = prometheus.exemplars(histogram + "_bucket", run.began(), Instant.now());
      assertThat(exemplars).as(histogram).isNotEmpty();
      assertThat(exemplars.path(0).path("exemplars").path(0).path("labels").has("trace_id"))
          .as("%s", exemplars.path(0))
          .isTrue();
    }
  }

  @Test
  void prometheusHasNothingToComplainAbout() throws IOException, InterruptedException {
    assertThat(prometheus.warnings()).isEmpty();
    for (var target : prometheus.targets()) {
      var instance = target.path("labels").path("instance").asString();
      if (!instance.equals("broker-3")) { // it has left
        assertThat(target.path("lastError").asString()).as(instance).isEmpty();
      }
    }
  }

  /** From its begin; on a slow machine it takes longer than most panels show. */
  private String wholeRun() {
    return Duration.between(run.began(), Instant.now()).plusMinutes(5).toSeconds() + "s";
  }

  private List<JsonNode> rules() throws IOException, InterruptedException {
    var rules = new ArrayList<JsonNode>();
    for (var group : prometheus.ruleGroups()) {
      group.path("rules").forEach(rules::add);
    }
    return rules;
  }

  private static boolean hasNumbers(JsonNode series) {
    for (var one : series) {
      if (!one.path("value").path(1).asString("NaN").equals("NaN")) {
        return true;
      }
    }
    return false;
  }
}
