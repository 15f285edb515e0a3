package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.wasmbroker.step.HostCallCount;

/** The meters of one host function. */
record HostCallMeters(Counter allowed, Counter denied, Counter failed) {
  static HostCallMeters of(MeterRegistry registry, String function) {
    return new HostCallMeters(
        counter(registry, function, "allowed"),
        counter(registry, function, "denied"),
        counter(registry, function, "failed"));
  }

  void count(HostCallCount calls) {
    allowed.increment((double) calls.allowed());
    denied.increment((double) calls.denied());
    failed.increment((double) calls.failed());
  }

  private static Counter counter(MeterRegistry registry, String function, String result) {
    return Counter.builder("wasm.broker.host.calls")
        .description("Host function calls by guests; denied means not covered by a grant.")
        .tag("function", function)
        .tag("result", result)
        .register(registry);
  }
}
