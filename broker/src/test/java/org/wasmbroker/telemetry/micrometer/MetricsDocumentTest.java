package org.wasmbroker.telemetry.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.telemetry.ReportEvent;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.TaskerEvent;
import org.wasmbroker.telemetry.TrustEvent;
import org.wasmbroker.testing.GeneratedSection;
import org.wasmbroker.testing.Outcomes;

/** Checks docs/metrics.md against a scrape after every kind of event. */
class MetricsDocumentTest {
  private static final Pattern HELP = Pattern.compile("# HELP (\\S+) (.+)");
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern TAG = Pattern.compile("([a-z_]+)=\"");

  @Test
  void theDocumentListsEveryMetric() throws IOException {
    GeneratedSection.check("metrics.md", table());
  }

  @Test
  void everyMetricHasADescription() {
    assertThat(table().lines()).allSatisfy(line -> assertThat(line).doesNotContain("| |"));
  }

  private static String table() {
    var rows =
        families().entrySet().stream()
            .filter(family -> isOurs(family.getKey()))
            .map(family -> family.getValue().row(family.getKey()))
            .collect(Collectors.joining());
    return "\n| metric | type | tags | unit | meaning |\n|---|---|---|---|---|\n" + rows + "\n";
  }

  /** The recent maximum that comes with each histogram needs no row of its own. */
  private static boolean isOurs(String name) {
    return (name.startsWith("wasm_broker_") || name.startsWith("process_resident"))
        && !name.endsWith("_max");
  }

  private record Family(String type, String tags, String description) {
    String row(String name) {
      return "| `%s` | %s | %s | %s | %s |\n".formatted(name, type, tags, unit(name), description);
    }

    private static String unit(String name) {
      return name.contains("_seconds")
          ? "seconds"
          : name.contains("_bytes") ? "bytes" : name.endsWith("_size_steps") ? "steps" : "–";
    }
  }

  private static Map<String, Family> families() {
    var families = new TreeMap<String, Family>();
    String name = "";
    String description = "";
    String type = "";
    for (var line : scrapeOfEverything().lines().toList()) {
      var help = HELP.matcher(line);
      var kind = TYPE.matcher(line);
      if (help.matches()) {
        name = help.group(1);
        description = help.group(2);
      } else if (kind.matches()) {
        type = kind.group(2);
      } else {
        families.putIfAbsent(name, new Family(type, tags(line), description));
      }
    }
    return families;
  }

  private static String tags(String sample) {
    var names =
        TAG.matcher(sample)
            .results()
            .map(tag -> tag.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    names.remove("le");
    return names.isEmpty()
        ? "–"
        : names.stream().map(tag -> "`" + tag + "`").collect(Collectors.joining(", "));
  }

  private static String scrapeOfEverything() {
    try (var metrics = new PrometheusMetrics("0.1.0")) {
      metrics.registerEngine(Outcomes.ENGINE);
      metrics.events().on(new StepEvent.LimitExceeded(Outcomes.step("transform"), "time"));
      metrics.register(
          new Gauges(() -> 1, () -> 1, () -> 1, () -> 1, () -> 1, () -> 1, () -> 1, () -> 1));
      metrics.registerQueue("catalog_queue", () -> 1, () -> 1);
      var events = metrics.events();
      events.on(new ModuleEvent.Loaded(Outcomes.module("transform"), 1000, Duration.ofMillis(80)));
      events.on(
          new StepEvent.Ended(
              Outcomes.completed(
                  Outcomes.receipt("transform", new HostCallCount("read_input", 1, 1, 1)))));
      events.on(new IntakeEvent.DeadLettered("catalog_queue", "not_a_step"));
      events.on(new ReportEvent.Released(List.of(Outcomes.step("transform")), "drain"));
      events.on(new TaskerEvent.DomainEventFailed("order.paid", "schema"));
      events.on(
          new TrustEvent.KeysChanged(
              Map.of("release-2027", Instant.parse("2100-01-01T00:00:00Z")), ""));
      events.on(
          new CallEvent.SecretUsed(
              Outcomes.step("transform"), Outcomes.module("transform"), "read", "allowed"));
      events.on(
          new CallEvent.HttpCompleted(
              Outcomes.step("transform"),
              Outcomes.module("transform"),
              "handlers[0].http[0]",
              "2xx",
              Duration.ofMillis(8),
              1,
              1));
      events.on(
          new CallEvent.HttpRefused(
              Outcomes.step("transform"), Outcomes.module("transform"), "not_allowed", "address"));
      events.on(
          new CallEvent.HttpAudited(
              Outcomes.step("transform"), Outcomes.module("transform"), "handlers[0].http[0]"));
      return metrics.scrape(null).text();
    }
  }
}
