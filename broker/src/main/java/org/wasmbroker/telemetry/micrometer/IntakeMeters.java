package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Set;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.telemetry.TagLimiter;

/** The meters of claims and leases. */
final class IntakeMeters {
  private static final int MAX_TAG_VALUES = 30;

  private final MeterRegistry registry;
  private final TagLimiter queues = new TagLimiter(MAX_TAG_VALUES, Set.of());
  private final TagLimiter reasons = new TagLimiter(MAX_TAG_VALUES, Set.of());
  private final Timer claim;
  private final DistributionSummary claimSize;
  private final Counter claimFailures;
  private final Timer extension;
  private final Counter extensionFailures;

  IntakeMeters(MeterRegistry registry) {
    this.registry = registry;
    claim =
        Meters.timer("wasm.broker.claim.round.trip", Buckets.ROUND_TRIP)
            .description("Duration of a call that claims steps from the queue.")
            .register(registry);
    claimSize =
        Meters.batchSize(
            registry, "wasm.broker.claim.size", "Steps returned by one claim; 0 is an idle poll.");
    claimFailures =
        Meters.counter(registry, "wasm.broker.claim.failures", "Claims that failed or timed out.");
    extension =
        Meters.timer("wasm.broker.lease.renewal", Buckets.ROUND_TRIP)
            .description("Duration of a call that extends the leases of waiting and running steps.")
            .register(registry);
    extensionFailures =
        Meters.counter(
            registry, "wasm.broker.lease.renewal.failures", "Calls that failed to extend leases.");
  }

  void on(IntakeEvent event) {
    switch (event) {
      case IntakeEvent.Claimed(int steps, _, Duration roundTrip) -> {
        claim.record(roundTrip);
        claimSize.record(steps);
      }
      case IntakeEvent.ClaimFailed _ -> claimFailures.increment();
      case IntakeEvent.DeadLettered(String queue, String reason) -> deadLettered(queue, reason);
      case IntakeEvent.LeasesExtended(_, Duration roundTrip) -> extension.record(roundTrip);
      case IntakeEvent.LeaseExtensionFailed _ -> extensionFailures.increment();
    }
  }

  private void deadLettered(String queue, String reason) {
    Counter.builder("wasm.broker.dead.letters")
        .description("Dead-lettered messages, by queue and reason.")
        .tag("queue", queues.limit(queue))
        .tag("reason", reasons.limit(reason))
        .register(registry)
        .increment();
  }
}
