package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.wasmbroker.telemetry.TrustEvent;

/** The meters of signatures and approvals. */
final class TrustMeters {
  private final MultiGauge remaining;
  private volatile int approvals;
  private volatile boolean broken;

  TrustMeters(MeterRegistry registry) {
    Gauge.builder("wasm.broker.approvals", () -> approvals)
        .description("Approvals of modules in force; 0 without a file of them.")
        .register(registry);
    Gauge.builder("wasm.broker.approvals.broken", () -> broken ? 1 : 0)
        .description(
            "1 while the file of the approvals is unusable and earlier ones stay in force.")
        .register(registry);
    remaining =
        MultiGauge.builder("wasm.broker.signature.key.remaining")
            .description(
                "Time until a key of the policy is not accepted any more, negative after that; keys"
                    + " without an end have none.")
            .baseUnit("seconds")
            .register(registry);
  }

  void on(TrustEvent event) {
    switch (event) {
      case TrustEvent.ApprovalsApplied(int count) -> {
        approvals = count;
        broken = false;
      }
      case TrustEvent.ApprovalsRefused _ -> broken = true;
      case TrustEvent.KeysChanged(var ends, _) -> keys(ends);
    }
  }

  /** A policy has at most a hundred keys, whose names the operator chose. */
  private void keys(Map<String, Instant> ends) {
    remaining.register(
        ends.entrySet().stream()
            .map(
                key ->
                    MultiGauge.Row.of(
                        Tags.of("key", key.getKey()),
                        () -> Duration.between(Instant.now(), key.getValue()).toSeconds()))
            .toList(),
        true);
  }
}
