package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Counters, and histograms with fixed buckets; percentiles are computed by the metrics backend. */
final class Meters {
  private Meters() {}

  static Counter counter(MeterRegistry registry, String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  static Timer.Builder timer(String name, Duration[] buckets) {
    return Timer.builder(name).serviceLevelObjectives(buckets);
  }

  static DistributionSummary.Builder summary(String name, double[] buckets) {
    return DistributionSummary.builder(name).serviceLevelObjectives(buckets);
  }

  /** How many steps went in one database call. */
  static DistributionSummary batchSize(MeterRegistry registry, String name, String description) {
    return summary(name, Buckets.BATCH)
        .description(description)
        .baseUnit("steps")
        .register(registry);
  }
}
