package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.telemetry.TagLimiter;

/**
 * The meters of guests' HTTP requests and secrets. Destinations are tagged with the policy rule
 * that grants them: a URL is chosen by the guest, and would create time series without bound.
 */
final class CallMeters {
  private static final int MAX_RULES = 300;
  private static final int MAX_TAG_VALUES = 50;

  private final MeterRegistry registry;
  private final TagLimiter handlers;
  private final TagLimiter rules = new TagLimiter(MAX_RULES, Set.of());
  private final TagLimiter tagValues = new TagLimiter(MAX_TAG_VALUES, Set.of());

  /**
   * @param handlers shared with the other meters that have the tag
   */
  CallMeters(MeterRegistry registry, TagLimiter handlers) {
    this.registry = registry;
    this.handlers = handlers;
  }

  void on(CallEvent event) {
    var handler = handlers.limit(event.module().handler());
    switch (event) {
      case CallEvent.SecretUsed secret -> used(handler, secret);
      case CallEvent.HttpCompleted request -> completed(handler, request);
      case CallEvent.HttpRefused request -> refused(handler, request);
      case CallEvent.HttpAudited request -> audited(handler, request);
    }
  }

  private void used(String handler, CallEvent.SecretUsed secret) {
    counter(
            "wasm.broker.secrets.used",
            "Uses of secrets by steps, including refused ones; the logger `audit` has each.")
        .tag("handler", handler)
        .tag("use", secret.use())
        .tag("answer", secret.answer())
        .register(registry)
        .increment();
  }

  private void completed(String handler, CallEvent.HttpCompleted request) {
    counter(
            "wasm.broker.http.requests",
            "Guests' HTTP requests that were sent, by handler, policy rule and outcome: the status"
                + " class or the error type.")
        .tag("handler", handler)
        .tag("rule", rule(request.rule()))
        .tag("outcome", tagValues.limit(request.outcome()))
        .register(registry)
        .increment();
    Meters.timer("wasm.broker.http.request", Buckets.ROUND_TRIP)
        .description("From a guest's HTTP request to the end of the response.")
        .tag("rule", rule(request.rule()))
        .register(registry)
        .record(request.took());
    counter("wasm.broker.http.sent", "Bytes sent in guests' HTTP requests.")
        .baseUnit("bytes")
        .tag("handler", handler)
        .register(registry)
        .increment((double) request.sentBytes());
    counter("wasm.broker.http.received", "Bytes of HTTP responses to guests, after decompression.")
        .baseUnit("bytes")
        .tag("handler", handler)
        .register(registry)
        .increment((double) request.receivedBytes());
  }

  private void refused(String handler, CallEvent.HttpRefused request) {
    counter(
            "wasm.broker.http.refused",
            "Guests' HTTP requests without a response, by the error returned to the guest and the"
                + " reason.")
        .tag("handler", handler)
        .tag("error", tagValues.limit(request.error()))
        .tag("reason", tagValues.limit(request.reason()))
        .register(registry)
        .increment();
  }

  private void audited(String handler, CallEvent.HttpAudited request) {
    counter(
            "wasm.broker.http.audited",
            "Guests' HTTP requests that only a rule in mode audit allowed.")
        .tag("handler", handler)
        .tag("rule", rule(request.rule()))
        .register(registry)
        .increment();
  }

  /** {@code handlers[2].http[0]} in the characters that a tag may have. */
  private String rule(String rule) {
    return rules.limit(rule.replace('[', '.').replace("]", ""));
  }

  private static Counter.Builder counter(String name, String description) {
    return Counter.builder(name).description(description);
  }
}
