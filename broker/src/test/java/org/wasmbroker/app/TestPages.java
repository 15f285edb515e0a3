package org.wasmbroker.app;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.micrometer.PrometheusMetrics;
import org.wasmbroker.testing.Outcomes;

/** Pages without a broker. */
final class TestPages {
  static final BrokerInfo INFO = new BrokerInfo("0.1.0", Outcomes.ENGINE);

  private TestPages() {}

  static Pages standalone(PrometheusMetrics metrics, List<HealthCheck> checks, Executor threads) {
    var depths = new QueueDepths(List.of(), queues -> Map.of());
    return new StandalonePages(metricsPage(metrics, depths, threads), health(checks, threads));
  }

  static Health health(List<HealthCheck> checks, Executor threads) {
    return new Health(INFO, checks, TimeSource.SYSTEM, threads);
  }

  static MetricsPage metricsPage(PrometheusMetrics metrics, QueueDepths depths, Executor threads) {
    return new MetricsPage(
        metrics,
        new CachedCheck(
            new HealthCheck("queues", depths::refresh),
            new CachedCheck.Limits(Duration.ofSeconds(1), Duration.ofSeconds(1)),
            TimeSource.SYSTEM,
            threads));
  }
}
