package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.wasmbroker.telemetry.PolicyEvent;

/** The meters of the policy file. */
final class PolicyMeters {
  private final Counter applied;
  private final Counter refused;
  private volatile int rules;
  private volatile boolean broken;

  PolicyMeters(MeterRegistry registry) {
    applied = loads(registry, "applied");
    refused = loads(registry, "refused");
    Gauge.builder("wasm.broker.policy.rules", () -> rules)
        .description("Rules of the policy in force; 0 without one.")
        .register(registry);
    Gauge.builder("wasm.broker.policy.broken", () -> broken ? 1 : 0)
        .description("1 while the policy file is unusable and the previous policy stays in force.")
        .register(registry);
  }

  private static Counter loads(MeterRegistry registry, String outcome) {
    return Counter.builder("wasm.broker.policy.loads")
        .description("Changes of the policy file, by outcome.")
        .tag("outcome", outcome)
        .register(registry);
  }

  void on(PolicyEvent event) {
    switch (event) {
      case PolicyEvent.Applied(_, int ruleCount) -> {
        rules = ruleCount;
        broken = false;
        applied.increment();
      }
      case PolicyEvent.Refused _ -> {
        broken = true;
        refused.increment();
      }
    }
  }
}
