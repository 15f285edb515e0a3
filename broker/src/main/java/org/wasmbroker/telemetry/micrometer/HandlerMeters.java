package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.ConcurrentHashMap;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.Words;

/** The meters of one handler. */
final class HandlerMeters {
  private static final int MOST_ERROR_WORDS = 20;

  private final MeterRegistry registry;
  private final String handler;
  private final Timer instantiation;
  private final Timer execution;
  private final DistributionSummary memory;
  private final Words errors = new Words(MOST_ERROR_WORDS, BrokerErrors.WORDS);
  private final ConcurrentHashMap<Ending, Counter> steps = new ConcurrentHashMap<>();

  HandlerMeters(MeterRegistry registry, String handler) {
    this.registry = registry;
    this.handler = handler;
    instantiation =
        Meters.timer("wasm.broker.step.instantiation", Buckets.RUN)
            .description("Making a step's fresh instance: store, limits, instance, start function.")
            .tag("handler", handler)
            .register(registry);
    execution =
        Meters.timer("wasm.broker.step.execution", Buckets.RUN)
            .description("Running a step's guest code and the host functions that it called.")
            .tag("handler", handler)
            .register(registry);
    memory =
        Meters.summary("wasm.broker.step.memory", Buckets.MEMORY)
            .description("High-water mark of the guest's linear memory in one step.")
            .baseUnit("bytes")
            .tag("handler", handler)
            .register(registry);
  }

  void ended(Outcome outcome) {
    steps.computeIfAbsent(ending(outcome), this::counter).increment();
    if (outcome.receipt().engine() != null) {
      ran(outcome.receipt());
    }
  }

  private void ran(Receipt receipt) {
    instantiation.record(receipt.instantiation());
    execution.record(receipt.execution());
    memory.record((double) receipt.memoryHighWaterBytes());
  }

  private Ending ending(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed _ -> new Ending("completed", "none");
      case Outcome.Failed failed when failed.exhausted() -> ending("exhausted", failed.error());
      case Outcome.Failed failed -> ending("failed", failed.error());
      case Outcome.Retry retry -> ending("retry", retry.error());
    };
  }

  private Ending ending(String outcome, StepError error) {
    return new Ending(outcome, errors.of(error.type()));
  }

  private Counter counter(Ending ending) {
    return Counter.builder("wasm.broker.steps")
        .description("Steps whose run ended, by outcome and type of error.")
        .tag("handler", handler)
        .tag("outcome", ending.outcome())
        .tag("error", ending.error())
        .register(registry);
  }

  private record Ending(String outcome, String error) {}
}
