package org.wasmbroker.app;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.wasmbroker.app.HealthCheck.Finding;
import org.wasmbroker.step.TimeSource;

/** Whether the broker is able to take steps, and if not, why. */
final class Health {
  private static final WatchedCheck.Limits LIMITS =
      new WatchedCheck.Limits(Duration.ofSeconds(2), Duration.ofMillis(500));

  private final About about;
  private final List<WatchedCheck> checks;
  private final TimeSource time;
  private final long startedNanos;

  /** All findings at one moment. */
  record Report(About about, Duration uptime, List<Line> checks) {
    boolean isReady() {
      return checks.stream().allMatch(line -> line.finding().ok());
    }
  }

  /**
   * What one check found.
   *
   * @param took how long it took
   */
  record Line(String name, Finding finding, Instant at, Duration took) {}

  Health(About about, List<HealthCheck> checks, TimeSource time, Executor threads) {
    this.about = about;
    this.checks =
        checks.stream().map(check -> new WatchedCheck(check, LIMITS, time, threads)).toList();
    this.time = time;
    this.startedNanos = time.nanos();
  }

  /** Asks every check; takes as long as the slowest, and that is limited. */
  Report report() throws InterruptedException {
    checks.forEach(WatchedCheck::begin);
    var lines = new ArrayList<Line>();
    for (var check : checks) {
      var seen = check.seen();
      lines.add(new Line(check.name(), seen.finding(), seen.at(), seen.took()));
    }
    return new Report(about, Duration.ofNanos(time.nanos() - startedNanos), lines);
  }
}
