package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.ConcurrentHashMap;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.TagLimiter;

/** The meters of one handler. */
final class HandlerMeters {
  private static final int MAX_ERROR_TYPES = 20;

  private final MeterRegistry registry;
  private final String handler;
  private final Timer instantiation;
  private final Timer execution;
  private final DistributionSummary memory;
  private final TagLimiter errors = new TagLimiter(MAX_ERROR_TYPES, BrokerErrorTypes.ALL);
  private final ConcurrentHashMap<OutcomeTags, Counter> steps = new ConcurrentHashMap<>();

  HandlerMeters(MeterRegistry registry, String handler) {
    this.registry = registry;
    this.handler = handler;
    instantiation =
        Meters.timer("wasm.broker.step.instantiation", Buckets.RUN)
            .description(
                "Creating a step's fresh instance: store, limits, instance, start function.")
            .tag("handler", handler)
            .register(registry);
    execution =
        Meters.timer("wasm.broker.step.execution", Buckets.RUN)
            .description("Running a step's guest code, including the host functions it called.")
            .tag("handler", handler)
            .register(registry);
    memory =
        Meters.summary("wasm.broker.step.memory", Buckets.MEMORY)
            .description("High-water mark of the guest's linear memory during one step.")
            .baseUnit("bytes")
            .tag("handler", handler)
            .register(registry);
  }

  void recordOutcome(Outcome outcome) {
    steps.computeIfAbsent(tags(outcome), this::counter).increment();
    if (outcome.receipt().engine() != null) {
      recordRun(outcome.receipt());
    }
  }

  private void recordRun(Receipt receipt) {
    instantiation.record(receipt.instantiation());
    execution.record(receipt.execution());
    memory.record((double) receipt.memoryHighWaterBytes());
  }

  private OutcomeTags tags(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed _ -> new OutcomeTags("completed", "none");
      case Outcome.Failed failed when failed.exhausted() -> tags("exhausted", failed.error());
      case Outcome.Failed failed -> tags("failed", failed.error());
      case Outcome.Retry retry -> tags("retry", retry.error());
    };
  }

  private OutcomeTags tags(String outcome, StepError error) {
    return new OutcomeTags(outcome, errors.limit(error.type()));
  }

  private Counter counter(OutcomeTags tags) {
    return Counter.builder("wasm.broker.steps")
        .description("Steps whose run ended, by outcome and error type.")
        .tag("handler", handler)
        .tag("outcome", tags.outcome())
        .tag("error", tags.error())
        .register(registry);
  }

  private record OutcomeTags(String outcome, String error) {}
}
