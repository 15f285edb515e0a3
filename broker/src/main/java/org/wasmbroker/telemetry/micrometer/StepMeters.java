package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.TagLimiter;

/** The meters of steps: their runs, outcomes, limits and host calls. */
final class StepMeters {
  private static final int MAX_LIMITS = 30;
  private static final int MAX_FUNCTIONS = 100;

  private final MeterRegistry registry;
  private final HandlerTable handlers;
  private final TagLimiter functions = new TagLimiter(MAX_FUNCTIONS, Set.of());
  private final TagLimiter limits = new TagLimiter(MAX_LIMITS, Set.of());
  private final ConcurrentHashMap<String, HostCallMeters> byFunction = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Counter> byLimit = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Timer> byRule = new ConcurrentHashMap<>();
  private final Timer queueWait;
  private final Counter suspects;
  private final Counter checkpoints;
  private final Counter leasesLost;
  private final Counter outcomesLate;
  private final Counter outcomesDropped;
  private final Counter logLinesDropped;

  StepMeters(MeterRegistry registry, HandlerTable handlers, KnownValues known) {
    this.registry = registry;
    this.handlers = handlers;
    queueWait =
        Meters.timer("wasm.broker.step.queue.wait", Buckets.QUEUE_WAIT)
            .description("From the moment a step is ready until its run starts.")
            .register(registry);
    suspects =
        Meters.counter(
            registry,
            "wasm.broker.suspects.started",
            "Runs of steps of which a claim was lost before, as when a step kills its broker.");
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
    known.limits().forEach(this::limit);
    known.functions().forEach(this::function);
  }

  void on(StepEvent event) {
    switch (event) {
      case StepEvent.Started(Step step, Duration wait) -> {
        queueWait.record(wait);
        if (step.claim().isSuspect()) {
          suspects.increment();
        }
      }
      case StepEvent.Ended(Outcome outcome) -> ended(outcome);
      case StepEvent.CheckpointSaved _ -> checkpoints.increment();
      case StepEvent.LimitExceeded(_, String limit) -> limit(limit).increment();
      case StepEvent.LeaseLost _ -> leasesLost.increment();
      case StepEvent.OutcomeLate _ -> outcomesLate.increment();
      case StepEvent.OutcomeDropped _ -> outcomesDropped.increment();
      case CallEvent call -> called(call);
    }
  }

  private void ended(Outcome outcome) {
    var receipt = outcome.receipt();
    handlers.of(receipt.module()).recordOutcome(outcome);
    hostCalls(receipt);
  }

  private void hostCalls(Receipt receipt) {
    for (var called : receipt.hostCalls()) {
      function(called.function()).count(called);
    }
    logLinesDropped.increment((double) receipt.logLinesDropped());
  }

  private HostCallMeters function(String name) {
    return byFunction.computeIfAbsent(
        functions.limit(name), tag -> HostCallMeters.of(registry, tag));
  }

  private Counter limit(String name) {
    return byLimit.computeIfAbsent(
        limits.limit(name),
        tag ->
            Counter.builder("wasm.broker.limit.exceeded")
                .description("Runs and results that exceeded a limit, by limit.")
                .tag("limit", tag)
                .register(registry));
  }

  private void called(CallEvent event) {
    var calls = handlers.of(event.module()).calls();
    switch (event) {
      case CallEvent.SecretUsed secret -> calls.used(secret);
      case CallEvent.HttpRefused request -> calls.refused(request);
      case CallEvent.HttpAudited request -> calls.audited(request);
      case CallEvent.CacheUsed cache -> calls.cached(cache);
      case CallEvent.FilesUsed files -> calls.usedFiles(files);
      case CallEvent.HttpCompleted request -> {
        var rule = CallMeters.rule(handlers.rules(), request.rule());
        calls.sent(request, rule);
        took(rule).record(request.took());
      }
    }
  }

  private Timer took(String rule) {
    return byRule.computeIfAbsent(
        rule,
        tag ->
            Meters.timer("wasm.broker.http.request", Buckets.ROUND_TRIP)
                .description("From a guest's HTTP request to the end of the response.")
                .tag("rule", tag)
                .register(registry));
  }
}
