package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.wasmbroker.telemetry.LifecycleEvent;

/** The meters of the broker's own stop. */
final class LifecycleMeters {
  private static final double NANOS = 1e9;

  private final Counter interrupted;
  private final Counter stuck;
  private volatile boolean draining;
  private volatile long since;

  LifecycleMeters(MeterRegistry registry) {
    Gauge.builder("wasm.broker.draining", this::drainingSeconds)
        .description("For how long the broker has been draining; 0 while it takes steps.")
        .baseUnit("seconds")
        .register(registry);
    interrupted =
        Meters.counter(
            registry,
            "wasm.broker.drain.interrupted.steps",
            "Steps that exceeded the grace period of a drain and were interrupted.");
    stuck =
        Meters.counter(
            registry,
            "wasm.broker.drain.stuck.steps",
            "Steps that could not be stopped by a drain; they run again when their leases expire.");
  }

  void on(LifecycleEvent event) {
    switch (event) {
      case LifecycleEvent.DrainStarted _ -> {
        since = System.nanoTime();
        draining = true;
      }
      case LifecycleEvent.DrainOverrun(int steps) -> interrupted.increment(steps);
      case LifecycleEvent.DrainStuck(int steps) -> stuck.increment(steps);
    }
  }

  private double drainingSeconds() {
    return draining ? (double) (System.nanoTime() - since) / NANOS : 0;
  }
}
