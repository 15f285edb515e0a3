package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Histograms with buckets of ours; percentiles are for the one who reads them. */
final class Meters {
  private Meters() {}

  static Timer.Builder timer(String name, Duration[] buckets) {
    return Timer.builder(name).serviceLevelObjectives(buckets);
  }

  static DistributionSummary.Builder summary(String name, double[] buckets) {
    return DistributionSummary.builder(name).serviceLevelObjectives(buckets);
  }
}
