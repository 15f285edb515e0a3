package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Set;
import org.wasmbroker.telemetry.TagLimiter;
import org.wasmbroker.telemetry.TaskerEvent;

/** The meters of a worker of Tasker. */
final class TaskerMeters {
  private static final int MAX_REASONS = 30;

  /** Those of {@link TaskerEvent.DomainEventFailed}. */
  private static final List<String> REASONS = List.of("schema", "database");

  private final MeterRegistry registry;
  private final TagLimiter reasons = new TagLimiter(MAX_REASONS, Set.of());
  private final Counter stepsRecovered;
  private final Counter resultsResent;
  private final Counter domainEvents;

  TaskerMeters(MeterRegistry registry) {
    this.registry = registry;
    stepsRecovered =
        Meters.counter(
            registry,
            "wasm.broker.steps.recovered",
            "Steps of dead workers that this worker failed so that they are retried.");
    resultsResent =
        Meters.counter(
            registry,
            "wasm.broker.results.resent",
            "Results whose message to the orchestrator was sent some time after they were"
                + " written.");
    domainEvents =
        Meters.counter(
            registry,
            "wasm.broker.domain.events",
            "Domain events of task templates that were published.");
    REASONS.forEach(this::failedEvents);
  }

  void on(TaskerEvent event) {
    switch (event) {
      case TaskerEvent.StepsRecovered(int steps, _) -> stepsRecovered.increment(steps);
      case TaskerEvent.ResultsResent(int results) -> resultsResent.increment(results);
      case TaskerEvent.DomainEventsPublished(int events) -> domainEvents.increment(events);
      case TaskerEvent.DomainEventFailed(_, String reason) -> failedEvents(reason).increment();
    }
  }

  private Counter failedEvents(String reason) {
    return Counter.builder("wasm.broker.domain.events.failed")
        .description("Domain events of task templates that were not published; the log says why.")
        .tag("reason", reasons.limit(reason))
        .register(registry);
  }
}
