package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.wasmbroker.telemetry.RolloutEvent;
import org.wasmbroker.telemetry.TagLimiter;

/** The meters of the rollout file and of its candidates. */
final class RolloutMeters {
  private static final int MAX_HANDLERS = 200;

  private final MeterRegistry registry;
  private final TagLimiter handlers = new TagLimiter(MAX_HANDLERS, Set.of());
  private final Counter applied;
  private final Counter refused;
  private final ConcurrentHashMap<String, Handler> byHandler = new ConcurrentHashMap<>();
  private volatile boolean broken;
  private volatile boolean shared;

  RolloutMeters(MeterRegistry registry) {
    this.registry = registry;
    applied = loads("applied");
    refused = loads("refused");
    Gauge.builder("wasm.broker.rollout.broken", () -> broken ? 1 : 0)
        .description("1 while the rollout file is unusable and the previous one stays in force.")
        .register(registry);
    Gauge.builder("wasm.broker.rollout.shared", () -> shared ? 1 : 0)
        .description(
            "1 while rollbacks are shared with the other brokers; 0 without a rollout file, and"
                + " while this broker decides alone.")
        .register(registry);
  }

  private Counter loads(String outcome) {
    return Counter.builder("wasm.broker.rollout.loads")
        .description("Changes of the rollout file, by outcome.")
        .tag("outcome", outcome)
        .register(registry);
  }

  void on(RolloutEvent event) {
    switch (event) {
      case RolloutEvent.Applied _ -> {
        broken = false;
        applied.increment();
      }
      case RolloutEvent.Refused _ -> {
        broken = true;
        refused.increment();
      }
      case RolloutEvent.Weighted(String handler, double percent) -> of(handler).percent = percent;
      case RolloutEvent.RunsCounted counted -> of(counted.handler()).count(counted);
      case RolloutEvent.RolledBack(String handler, _, _) -> {
        var meters = of(handler);
        meters.rollbacks.increment();
        meters.rolledBack = true;
      }
      case RolloutEvent.Reset(String handler, _) -> of(handler).rolledBack = false;
      case RolloutEvent.Shared(boolean now) -> shared = now;
    }
  }

  private Handler of(String handler) {
    return byHandler.computeIfAbsent(handlers.limit(handler), name -> new Handler(registry, name));
  }

  /** The meters of one handler. */
  private static final class Handler {
    private final Runs candidate;
    private final Runs stable;
    private final Counter rollbacks;
    private volatile double percent;
    private volatile boolean rolledBack;

    Handler(MeterRegistry registry, String name) {
      candidate = Runs.of(registry, name, "candidate");
      stable = Runs.of(registry, name, "stable");
      rollbacks =
          Counter.builder("wasm.broker.rollout.rollbacks")
              .description("Candidates that this broker stopped to route to.")
              .tag("handler", name)
              .register(registry);
      Gauge.builder("wasm.broker.rollout.weight", () -> percent)
          .description("Share of a handler's steps that get the candidate; 0 after a rollback.")
          .baseUnit("percent")
          .tag("handler", name)
          .register(registry);
      Gauge.builder("wasm.broker.rollout.rolled.back", () -> rolledBack ? 1 : 0)
          .description("1 while a candidate of the handler is rolled back.")
          .tag("handler", name)
          .register(registry);
    }

    void count(RolloutEvent.RunsCounted counted) {
      var runs = counted.candidate() ? candidate : stable;
      long bad = counted.traps() + counted.limits() + counted.failures();
      runs.good().increment((double) (counted.runs() - bad));
      runs.traps().increment((double) counted.traps());
      runs.limits().increment((double) counted.limits());
      runs.failures().increment((double) counted.failures());
    }
  }

  /** The runs of a candidate, or of the stable version beside it, by how they ended. */
  private record Runs(Counter good, Counter traps, Counter limits, Counter failures) {
    static Runs of(MeterRegistry registry, String handler, String release) {
      return new Runs(
          counter(registry, handler, release, "good"),
          counter(registry, handler, release, "trap"),
          counter(registry, handler, release, "limit"),
          counter(registry, handler, release, "permanent_failure"));
    }

    private static Counter counter(
        MeterRegistry registry, String handler, String release, String end) {
      return Counter.builder("wasm.broker.rollout.runs")
          .description(
              "Runs of a candidate and of the stable version beside it, by how they ended.")
          .tag("handler", handler)
          .tag("release", release)
          .tag("end", end)
          .register(registry);
    }
  }
}
