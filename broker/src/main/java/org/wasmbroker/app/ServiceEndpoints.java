package org.wasmbroker.app;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.sandbox.EngineSupport;
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.micrometer.PrometheusMetrics;

/** Metrics and health of a process that has no queues. */
final class ServiceEndpoints {
  private static final CachedCheck.Limits NO_QUEUES =
      new CachedCheck.Limits(Duration.ofSeconds(1), Duration.ofSeconds(1));

  private ServiceEndpoints() {}

  /**
   * Makes them, not started.
   *
   * @param engine which is told to the metrics
   */
  static HttpEndpoints of(
      HttpConfig config, PrometheusMetrics page, EngineInfo engine, List<HealthCheck> checks) {
    var support = EngineSupport.of(engine);
    page.registerEngine(
        engine,
        support.map(EngineSupport::released).orElse(null),
        support.map(EngineSupport::supportEnds).orElse(null));
    var info = new BrokerInfo(BrokerVersion.text(), engine);
    var nothing = new HealthCheck("queues", () -> Result.ok("there are none"));
    return new HttpEndpoints(
        config,
        threads ->
            new StandalonePages(
                new MetricsPage(
                    page, new CachedCheck(nothing, NO_QUEUES, TimeSource.SYSTEM, threads)),
                new Health(info, checks, TimeSource.SYSTEM, threads)));
  }

  /** Which engine it is. */
  static HealthCheck engine(EngineInfo engine) {
    return new HealthCheck("engine", () -> Result.ok(engine.toString()));
  }
}
