package org.wasmbroker.app;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The pages of a standalone broker. */
final class StandalonePages implements Pages {
  private final MetricsPage metrics;
  private final Health health;

  StandalonePages(MetricsPage metrics, Health health) {
    this.metrics = metrics;
    this.health = health;
  }

  @Override
  public @Nullable Response get(String path, @Nullable String accept) throws InterruptedException {
    return switch (path) {
      case "/metrics" -> metrics.respond(accept);
      case "/health/live" -> Response.json(200, Map.of("status", "live"));
      case "/health/ready" -> ready(health.report());
      case "/health" -> overview(health.report());
      default -> null;
    };
  }

  @Override
  public String usage() {
    return "available: /metrics, /health, /health/live, /health/ready";
  }

  private static Response ready(Health.Report report) {
    var value = new LinkedHashMap<String, Object>();
    value.put("status", status(report));
    value.put("reasons", reasons(report));
    return Response.json(code(report), value);
  }

  private static List<String> reasons(Health.Report report) {
    return report.checks().stream()
        .filter(line -> !line.result().ok())
        .map(line -> line.name() + ": " + line.result().detail())
        .toList();
  }

  private static Response overview(Health.Report report) {
    var engine = report.info().engine();
    var checks = new LinkedHashMap<String, Object>();
    for (var line : report.checks()) {
      checks.put(line.name(), Map.of("ok", line.result().ok(), "detail", line.result().detail()));
    }
    var value = new LinkedHashMap<String, Object>();
    value.put("status", status(report));
    value.put("version", report.info().version());
    value.put("engine", Map.of("name", engine.name(), "version", engine.version()));
    value.put("uptime_seconds", report.uptime().toMillis() / 1000.0);
    value.put("checks", checks);
    return Response.json(code(report), value);
  }

  private static String status(Health.Report report) {
    return report.isReady() ? "ready" : "not ready";
  }

  private static int code(Health.Report report) {
    return report.isReady() ? 200 : 503;
  }
}
