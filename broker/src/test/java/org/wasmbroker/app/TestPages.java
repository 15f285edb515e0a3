package org.wasmbroker.app;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.micrometer.PrometheusMetrics;
import org.wasmbroker.testing.Outcomes;

/** Pages without a broker behind them. */
final class TestPages {
  static final About ABOUT = new About("0.1.0", Outcomes.ENGINE);

  private TestPages() {}

  static Pages own(PrometheusMetrics metrics, List<HealthCheck> checks, Executor threads) {
    var depths = new QueueDepths(List.of(), queues -> Map.of());
    return new OwnPages(metricsPage(metrics, depths, threads), health(checks, threads));
  }

  static Health health(List<HealthCheck> checks, Executor threads) {
    return new Health(ABOUT, checks, TimeSource.SYSTEM, threads);
  }

  static MetricsPage metricsPage(PrometheusMetrics metrics, QueueDepths depths, Executor threads) {
    return new MetricsPage(
        metrics,
        new WatchedCheck(
            new HealthCheck("queues", depths::look),
            new WatchedCheck.Limits(Duration.ofSeconds(1), Duration.ofSeconds(1)),
            TimeSource.SYSTEM,
            threads));
  }
}
