package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Set;
import org.wasmbroker.telemetry.Words;

/**
 * The meters of guests' HTTP requests. Destinations go by the rule of the policy that grants them:
 * what a guest asks for is the guest's, and would be time series without end.
 */
final class HttpMeters {
  private static final int MOST_RULES = 300;
  private static final int MOST_WORDS = 50;

  private final MeterRegistry registry;
  private final Words handlers;
  private final Words rules = new Words(MOST_RULES, Set.of());
  private final Words words = new Words(MOST_WORDS, Set.of());

  /**
   * @param handlers those that other meters name too
   */
  HttpMeters(MeterRegistry registry, Words handlers) {
    this.registry = registry;
    this.handlers = handlers;
  }

  void ended(String handler, String rule, String outcome, Duration took, long sent, long received) {
    counter(
            "wasm.broker.http.requests",
            "Guests' HTTP requests that were sent, by handler, rule of the policy and outcome: the"
                + " class of the status, or the type of the error.")
        .tag("handler", handlers.of(handler))
        .tag("rule", rule(rule))
        .tag("outcome", words.of(outcome))
        .register(registry)
        .increment();
    Meters.timer("wasm.broker.http.request", Buckets.ROUND_TRIP)
        .description("From a guest's request to the end of its answer.")
        .tag("rule", rule(rule))
        .register(registry)
        .record(took);
    counter("wasm.broker.http.sent", "Bytes of guests' HTTP requests.")
        .baseUnit("bytes")
        .tag("handler", handlers.of(handler))
        .register(registry)
        .increment((double) sent);
    counter("wasm.broker.http.received", "Bytes of answers to guests, after decompression.")
        .baseUnit("bytes")
        .tag("handler", handlers.of(handler))
        .register(registry)
        .increment((double) received);
  }

  void refused(String handler, String error, String reason) {
    counter(
            "wasm.broker.http.refused",
            "Guests' HTTP requests that got no answer, by the error that they were told and the"
                + " reason.")
        .tag("handler", handlers.of(handler))
        .tag("error", words.of(error))
        .tag("reason", words.of(reason))
        .register(registry)
        .increment();
  }

  void audited(String handler, String rule) {
    counter(
            "wasm.broker.http.audited",
            "Guests' HTTP requests that a rule in mode audit alone allowed.")
        .tag("handler", handlers.of(handler))
        .tag("rule", rule(rule))
        .register(registry)
        .increment();
  }

  /** {@code handlers[2].http[0]} in the letters of tags. */
  private String rule(String rule) {
    return rules.of(rule.replace('[', '.').replace("]", ""));
  }

  private static Counter.Builder counter(String name, String description) {
    return Counter.builder(name).description(description);
  }
}
