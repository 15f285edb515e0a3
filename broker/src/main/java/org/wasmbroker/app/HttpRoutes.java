package org.wasmbroker.app;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.telemetry.micrometer.PrometheusMetrics;

/** What each path answers. */
final class HttpRoutes {
  static final String METHODS = "GET, HEAD";

  private static final Logger LOG = LoggerFactory.getLogger(HttpRoutes.class);

  private final PrometheusMetrics metrics;
  private final Health health;

  HttpRoutes(PrometheusMetrics metrics, Health health) {
    this.metrics = metrics;
    this.health = health;
  }

  Answer answer(String method, @Nullable String path, @Nullable String accept)
      throws InterruptedException {
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return Answer.error(405, "method_not_allowed", "only GET and HEAD are answered here");
    }
    try {
      return switch (path) {
        case "/metrics" -> metrics(accept);
        case "/health/live" -> Answer.json(200, Map.of("status", "live"));
        case "/health/ready" -> ready(health.report());
        case "/health" -> all(health.report());
        case null, default ->
            Answer.error(
                404, "not_found", "here are /metrics, /health, /health/live and /health/ready");
      };
    } catch (RuntimeException cause) {
      LOG.error("an HTTP request could not be answered", cause);
      return Answer.error(500, "internal_error", "the broker's log says why");
    }
  }

  private Answer metrics(@Nullable String accept) {
    var scrape = metrics.scrape(accept);
    return Answer.text(scrape.contentType(), scrape.text());
  }

  private static Answer ready(Health.Report report) {
    var value = new LinkedHashMap<String, Object>();
    value.put("status", status(report));
    value.put("reasons", reasons(report));
    return Answer.json(code(report), value);
  }

  private static List<String> reasons(Health.Report report) {
    return report.checks().stream()
        .filter(line -> !line.finding().ok())
        .map(line -> line.name() + ": " + line.finding().detail())
        .toList();
  }

  private static Answer all(Health.Report report) {
    var engine = report.about().engine();
    var checks = new LinkedHashMap<String, Object>();
    for (var line : report.checks()) {
      checks.put(line.name(), Map.of("ok", line.finding().ok(), "detail", line.finding().detail()));
    }
    var value = new LinkedHashMap<String, Object>();
    value.put("status", status(report));
    value.put("version", report.about().version());
    value.put("engine", Map.of("name", engine.name(), "version", engine.version()));
    value.put("uptime_seconds", report.uptime().toMillis() / 1000.0);
    value.put("checks", checks);
    return Answer.json(code(report), value);
  }

  private static String status(Health.Report report) {
    return report.isReady() ? "ready" : "not ready";
  }

  private static int code(Health.Report report) {
    return report.isReady() ? 200 : 503;
  }
}
