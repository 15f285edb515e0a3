package org.wasmbroker.telemetry.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.telemetry.McpEvent;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.telemetry.ReportEvent;
import org.wasmbroker.telemetry.ReportEvent.Reason;
import org.wasmbroker.telemetry.RolloutEvent;
import org.wasmbroker.telemetry.SessionEvent;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.TaskerEvent;
import org.wasmbroker.telemetry.TrustEvent;
import org.wasmbroker.telemetry.micrometer.DatabaseMeters.HorizonGauges;
import org.wasmbroker.telemetry.micrometer.DatabaseMeters.PoolGauges;
import org.wasmbroker.telemetry.micrometer.DatabaseMeters.QueueGauges;
import org.wasmbroker.telemetry.micrometer.DatabaseMeters.TableGauges;
import org.wasmbroker.testing.GeneratedSection;
import org.wasmbroker.testing.Outcomes;

/** Checks docs/metrics.md against a scrape after every kind of event. */
class MetricsDocumentTest {
  private static final Set<String> OF_THE_PROCESS =
      Set.of("process_resident_memory_bytes", "process_cpu_seconds_total", "system_cpus");
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

  /** Names, suffixes and units as Prometheus' conventions want them; Debian: prometheus. */
  @Test
  void promtoolHasNothingToComplainAbout() throws IOException, InterruptedException {
    var promtool = new ProcessBuilder("promtool", "check", "metrics").redirectErrorStream(true);
    var process = promtool.start();
    try (var page = process.outputWriter(StandardCharsets.UTF_8)) {
      page.write(scrapeOfEverything());
    }
    var findings = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(findings).isZero();
    assertThat(findings).isEmpty();
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
    return (name.startsWith("wasm_broker_") || OF_THE_PROCESS.contains(name))
        && !(name.endsWith("_max") && !name.endsWith("_connections_max"));
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
    try (var metrics = new PrometheusMetrics("0.1.0", KnownValues.NONE)) {
      metrics.registerEngine(Outcomes.ENGINE, Instant.EPOCH, null);
      metrics.events().on(new StepEvent.LimitExceeded(Outcomes.step("transform"), "time"));
      metrics.register(
          new ImageGauges(
              () -> 0, () -> 0, () -> 0, () -> 0, Map.of("hit", () -> 0, "new", () -> 0)));
      metrics.register(new CacheGauges(() -> 0, () -> 0, () -> 0, () -> 0));
      metrics.register(new FileGauges(() -> 0, () -> 0));
      metrics.register(
          new Gauges(
              () -> 1, () -> 1, () -> 1, () -> 1, () -> 1, () -> 1, () -> 1, () -> 1, () -> 1,
              () -> 1, () -> 1, () -> 1, 1));
      var meters = metrics.database();
      meters.registerQueue(
          "catalog_queue",
          new QueueGauges(() -> 1, () -> 1, () -> 1, () -> 1, () -> 1, () -> 1, () -> 1));
      meters.registerTable(
          "q_catalog_queue", new TableGauges(() -> 1, () -> 1, () -> 1, () -> 1, () -> 1));
      meters.register(new HorizonGauges(() -> 1, () -> 1, () -> 1));
      meters.register(new PoolGauges(() -> 1, () -> 1, () -> 1, () -> 1));
      metrics.registerModules(
          () ->
              List.of(
                  new LoadedModule(Outcomes.module("transform"), Map.of(), false, false, false)));
      var events = metrics.events();
      events.on(new ModuleEvent.Loaded(Outcomes.module("transform"), 1000, Duration.ofMillis(80)));
      events.on(
          new StepEvent.Ended(
              Outcomes.completed(
                  Outcomes.receipt("transform", new HostCallCount("read_input", 1, 1, 1)))));
      events.on(new McpEvent.Sessions(1));
      events.on(new McpEvent.Request("tools/call", McpEvent.Outcome.ANSWERED));
      events.on(new SessionEvent.Sessions(1, List.of("shell")));
      events.on(new IntakeEvent.DeadLettered("catalog_queue", "not_a_step"));
      events.on(new ReportEvent.Released(List.of(Outcomes.step("transform")), Reason.DRAINING));
      events.on(new TaskerEvent.DomainEventFailed("order.paid", "schema"));
      events.on(new RolloutEvent.Weighted("transform", 10));
      events.on(
          new TrustEvent.KeysChanged(
              Map.of("release-2027", Instant.parse("2100-01-01T00:00:00Z")), ""));
      events.on(
          new CallEvent.CacheUsed(
              Outcomes.step("transform"), Outcomes.module("transform"), 1, 1, 1, 1, 1));
      events.on(
          new CallEvent.FilesUsed(
              Outcomes.step("transform"), Outcomes.module("transform"), 1, 1, 1, 1, 1, 1));
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
