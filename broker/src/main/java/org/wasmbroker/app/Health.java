package org.wasmbroker.app;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.step.TimeSource;

/** Whether the broker is able to process steps, and if not, why. */
final class Health {
  private static final CachedCheck.Limits LIMITS =
      new CachedCheck.Limits(Duration.ofSeconds(2), Duration.ofMillis(500));

  private final BrokerInfo info;
  private final List<CachedCheck> checks;
  private final TimeSource time;
  private final long startedNanos;

  /** The results of all checks at one moment. */
  record Report(BrokerInfo info, Duration uptime, List<CheckReport> checks) {
    boolean isReady() {
      return checks.stream().allMatch(line -> line.result().ok());
    }
  }

  /**
   * The result of one check.
   *
   * @param took how long it took
   */
  record CheckReport(String name, Result result, Instant at, Duration took) {}

  Health(BrokerInfo info, List<HealthCheck> checks, TimeSource time, Executor threads) {
    this.info = info;
    this.checks =
        checks.stream().map(check -> new CachedCheck(check, LIMITS, time, threads)).toList();
    this.time = time;
    this.startedNanos = time.nanos();
  }

  /** Runs all checks in parallel; takes as long as the slowest, which is bounded. */
  Report report() throws InterruptedException {
    checks.forEach(CachedCheck::start);
    var reports = new ArrayList<CheckReport>();
    for (var check : checks) {
      var observation = check.observe();
      reports.add(
          new CheckReport(
              check.name(), observation.result(), observation.at(), observation.took()));
    }
    return new Report(info, Duration.ofNanos(time.nanos() - startedNanos), reports);
  }
}
