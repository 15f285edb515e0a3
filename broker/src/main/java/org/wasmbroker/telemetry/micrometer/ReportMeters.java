package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.wasmbroker.telemetry.ReportEvent;
import org.wasmbroker.telemetry.ReportEvent.Reason;

/** The meters of writing outcomes. */
final class ReportMeters {
  private final Map<Reason, Counter> givenBack = new EnumMap<>(Reason.class);
  private final Timer report;
  private final Timer delay;
  private final DistributionSummary size;
  private final Counter failures;

  ReportMeters(MeterRegistry registry) {
    report =
        Meters.timer("wasm.broker.report.round.trip", Buckets.ROUND_TRIP)
            .description("Duration of a transaction that writes a batch of outcomes.")
            .register(registry);
    delay =
        Meters.timer("wasm.broker.report.delay", Buckets.QUEUE_WAIT)
            .description(
                "From the end of a run until its outcome is written, for the oldest of each batch.")
            .register(registry);
    size = Meters.batchSize(registry, "wasm.broker.report.size", "Outcomes in one written batch.");
    failures =
        Meters.counter(
            registry,
            "wasm.broker.report.failures",
            "Batches that could not be written and are retried.");
    for (var reason : Reason.values()) {
      givenBack.put(
          reason,
          Counter.builder("wasm.broker.steps.given.back")
              .description("Steps returned to their queue without an outcome.")
              .tag("reason", reason.text())
              .register(registry));
    }
  }

  void on(ReportEvent event) {
    switch (event) {
      case ReportEvent.Written(int outcomes, Duration roundTrip, Duration oldest) -> {
        report.record(roundTrip);
        delay.record(oldest);
        size.record(outcomes);
      }
      case ReportEvent.WriteFailed _ -> failures.increment();
      case ReportEvent.Released(var steps, Reason reason) ->
          Objects.requireNonNull(givenBack.get(reason)).increment(steps.size());
    }
  }
}
