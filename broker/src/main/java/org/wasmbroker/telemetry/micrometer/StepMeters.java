package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.TagLimiter;

/** The meters of steps: their runs, outcomes, limits and host calls. */
final class StepMeters {
  static final String NO_HANDLER = "none";

  private static final int MAX_LIMITS = 30;
  private static final int MAX_FUNCTIONS = 100;

  private final MeterRegistry registry;
  private final TagLimiter handlers;
  private final TagLimiter functions = new TagLimiter(MAX_FUNCTIONS, Set.of());
  private final TagLimiter limits = new TagLimiter(MAX_LIMITS, Set.of());
  private final ConcurrentHashMap<String, HandlerMeters> byHandler = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, HostCallMeters> byFunction = new ConcurrentHashMap<>();
  private final CallMeters calls;
  private final Timer queueWait;
  private final Counter checkpoints;
  private final Counter leasesLost;
  private final Counter outcomesLate;
  private final Counter outcomesDropped;
  private final Counter logLinesDropped;

  /**
   * @param handlers shared with the other meters that have the tag
   */
  StepMeters(MeterRegistry registry, TagLimiter handlers) {
    this.registry = registry;
    this.handlers = handlers;
    calls = new CallMeters(registry, handlers);
    queueWait =
        Meters.timer("wasm.broker.step.queue.wait", Buckets.QUEUE_WAIT)
            .description("From the moment a step is ready until its run starts.")
            .register(registry);
    checkpoints =
        Meters.counter(registry, "wasm.broker.step.checkpoints", "Checkpoints that were saved.");
    leasesLost =
        Meters.counter(
            registry,
            "wasm.broker.leases.lost",
            "Steps whose lease was lost while they waited or ran; their result is dropped.");
    outcomesLate =
        Meters.counter(
            registry,
            "wasm.broker.reports.late",
            "Outcomes dropped because another claim owned the step when they were written.");
    outcomesDropped =
        Meters.counter(
            registry,
            "wasm.broker.outcomes.dropped",
            "Outcomes that will not be written; the log says why, and their steps run again.");
    logLinesDropped =
        Meters.counter(
            registry,
            "wasm.broker.guest.log.dropped",
            "Guests' log lines dropped because the limit was exceeded.");
  }

  void on(StepEvent event) {
    switch (event) {
      case StepEvent.Started(_, Duration wait) -> queueWait.record(wait);
      case StepEvent.Ended(Outcome outcome) -> ended(outcome);
      case StepEvent.CheckpointSaved _ -> checkpoints.increment();
      case StepEvent.LimitExceeded(_, String limit) -> limitExceeded(limit);
      case StepEvent.LeaseLost _ -> leasesLost.increment();
      case StepEvent.OutcomeLate _ -> outcomesLate.increment();
      case StepEvent.OutcomeDropped _ -> outcomesDropped.increment();
      case CallEvent call -> calls.on(call);
    }
  }

  private void ended(Outcome outcome) {
    var receipt = outcome.receipt();
    var module = receipt.module();
    handler(module == null ? NO_HANDLER : module.handler()).recordOutcome(outcome);
    hostCalls(receipt);
  }

  private HandlerMeters handler(String name) {
    return byHandler.computeIfAbsent(handlers.limit(name), tag -> new HandlerMeters(registry, tag));
  }

  private void hostCalls(Receipt receipt) {
    for (var function : receipt.hostCalls()) {
      byFunction
          .computeIfAbsent(
              functions.limit(function.function()), tag -> HostCallMeters.of(registry, tag))
          .count(function);
    }
    logLinesDropped.increment((double) receipt.logLinesDropped());
  }

  private void limitExceeded(String limit) {
    Counter.builder("wasm.broker.limit.exceeded")
        .description("Runs and results that exceeded a limit, by limit.")
        .tag("limit", limits.limit(limit))
        .register(registry)
        .increment();
  }
}
