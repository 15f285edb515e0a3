package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Set;
import org.wasmbroker.telemetry.TagLimiter;

/**
 * The meters of guests' HTTP requests. Destinations go by the rule of the policy that grants them:
 * what a guest asks for is the guest's, and would be time series without end.
 */
final class HttpMeters {
  private static final int MAX_RULES = 300;
  private static final int MAX_TAG_VALUES = 50;

  private final MeterRegistry registry;
  private final TagLimiter handlers;
  private final TagLimiter rules = new TagLimiter(MAX_RULES, Set.of());
  private final TagLimiter tagValues = new TagLimiter(MAX_TAG_VALUES, Set.of());

  /**
   * @param handlers those that other meters name too
   */
  HttpMeters(MeterRegistry registry, TagLimiter handlers) {
    this.registry = registry;
    this.handlers = handlers;
  }

  void ended(String handler, String rule, String outcome, Duration took, long sent, long received) {
    counter(
            "wasm.broker.http.requests",
            "Guests' HTTP requests that were sent, by handler, rule of the policy and outcome: the"
                + " class of the status, or the type of the error.")
        .tag("handler", handlers.limit(handler))
        .tag("rule", rule(rule))
        .tag("outcome", tagValues.limit(outcome))
        .register(registry)
        .increment();
    Meters.timer("wasm.broker.http.request", Buckets.ROUND_TRIP)
        .description("From a guest's request to the end of its answer.")
        .tag("rule", rule(rule))
        .register(registry)
        .record(took);
    counter("wasm.broker.http.sent", "Bytes of guests' HTTP requests.")
        .baseUnit("bytes")
        .tag("handler", handlers.limit(handler))
        .register(registry)
        .increment((double) sent);
    counter("wasm.broker.http.received", "Bytes of answers to guests, after decompression.")
        .baseUnit("bytes")
        .tag("handler", handlers.limit(handler))
        .register(registry)
        .increment((double) received);
  }

  void refused(String handler, String error, String reason) {
    counter(
            "wasm.broker.http.refused",
            "Guests' HTTP requests that got no answer, by the error that they were told and the"
                + " reason.")
        .tag("handler", handlers.limit(handler))
        .tag("error", tagValues.limit(error))
        .tag("reason", tagValues.limit(reason))
        .register(registry)
        .increment();
  }

  void audited(String handler, String rule) {
    counter(
            "wasm.broker.http.audited",
            "Guests' HTTP requests that a rule in mode audit alone allowed.")
        .tag("handler", handlers.limit(handler))
        .tag("rule", rule(rule))
        .register(registry)
        .increment();
  }

  /** {@code handlers[2].http[0]} in the letters of tags. */
  private String rule(String rule) {
    return rules.limit(rule.replace('[', '.').replace("]", ""));
  }

  private static Counter.Builder counter(String name, String description) {
    return Counter.builder(name).description(description);
  }
}
