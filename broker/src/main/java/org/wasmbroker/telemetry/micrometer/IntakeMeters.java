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
  private static final int MAX_TAG_VALUES = 100;

  private final MeterRegistry registry;
  private final TagLimiter queues = new TagLimiter(MAX_TAG_VALUES, Set.of());
  private final TagLimiter reasons = new TagLimiter(MAX_TAG_VALUES, Set.of());
  private final Timer claim;
  private final DistributionSummary claimSize;
  private final Counter requested;
  private final Counter claimFailures;
  private final Timer extension;
  private final Counter extensionFailures;

  IntakeMeters(MeterRegistry registry, KnownValues known) {
    this.registry = registry;
    claim =
        Meters.timer("wasm.broker.claim.round.trip", Buckets.ROUND_TRIP)
            .description("Duration of a call that claims steps from the queue.")
            .register(registry);
    claimSize =
        Meters.batchSize(
            registry, "wasm.broker.claim.size", "Steps returned by one claim; 0 is an idle poll.");
    requested =
        Meters.counter(
            registry,
            "wasm.broker.claim.requested.steps",
            "Steps that claims asked for, at most; the sum of their sizes is what they got.");
    claimFailures =
        Meters.counter(registry, "wasm.broker.claim.failures", "Claims that failed or timed out.");
    extension =
        Meters.timer("wasm.broker.lease.renewal", Buckets.ROUND_TRIP)
            .description("Duration of a call that extends the leases of waiting and running steps.")
            .register(registry);
    extensionFailures =
        Meters.counter(
            registry, "wasm.broker.lease.renewal.failures", "Calls that failed to extend leases.");
    known
        .deadLetters()
        .forEach((queue, reasons) -> reasons.forEach(reason -> deadLetters(queue, reason)));
  }

  void on(IntakeEvent event) {
    switch (event) {
      case IntakeEvent.Claimed(int steps, int capacity, Duration roundTrip) -> {
        claim.record(roundTrip);
        requested.increment(capacity);
        claimSize.record(steps);
      }
      case IntakeEvent.ClaimFailed _ -> claimFailures.increment();
      case IntakeEvent.DeadLettered(String queue, String reason) ->
          deadLetters(queue, reason).increment();
      case IntakeEvent.LeasesExtended(_, Duration roundTrip) -> extension.record(roundTrip);
      case IntakeEvent.LeaseExtensionFailed _ -> extensionFailures.increment();
    }
  }

  private Counter deadLetters(String queue, String reason) {
    return Counter.builder("wasm.broker.dead.letters")
        .description("Dead-lettered messages, by queue and reason.")
        .tag("queue", queues.limit(queue))
        .tag("reason", reasons.limit(reason))
        .register(registry);
  }
}
