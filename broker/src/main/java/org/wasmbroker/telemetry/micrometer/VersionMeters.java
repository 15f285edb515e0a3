package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.WireName;
import org.wasmbroker.telemetry.TagLimiter;

/** The meters of one version of a handler, which tell a candidate from the stable version. */
final class VersionMeters {
  private static final String TRAPPED = BrokerError.TRAPPED.type();

  private final OwnedMeters meters;
  private final String handler;
  private final String version;
  private final Map<End, Counter> steps = new EnumMap<>(End.class);
  private final Map<String, Counter> traps = new ConcurrentHashMap<>();

  /** How a step ended. */
  enum End {
    COMPLETED,
    RETRY,
    EXHAUSTED,
    FAILED;

    String text() {
      return WireName.of(this);
    }
  }

  /**
   * @param trapKinds those that are known
   */
  VersionMeters(MeterRegistry registry, String handler, String version, List<String> trapKinds) {
    this.meters = new OwnedMeters(registry);
    this.handler = handler;
    this.version = version;
    for (var end : End.values()) {
      steps.put(end, steps(end));
    }
    trapKinds.forEach(kind -> traps.put(kind, traps(kind)));
    traps.computeIfAbsent(TagLimiter.OTHER, this::traps);
  }

  void completed() {
    count(End.COMPLETED);
  }

  void failed(End end, StepError error) {
    count(end);
    if (error.type().equals(TRAPPED)) {
      var known = traps.get(String.valueOf(error.code()));
      Objects.requireNonNull(known == null ? traps.get(TagLimiter.OTHER) : known).increment();
    }
  }

  private void count(End end) {
    Objects.requireNonNull(steps.get(end)).increment();
  }

  private Counter steps(End end) {
    return meters.own(
        Counter.builder("wasm.broker.module.steps")
            .description("Steps whose run ended, by the version that ran and the outcome.")
            .tag("handler", handler)
            .tag("version", version)
            .tag("outcome", end.text())
            .register(meters.registry()));
  }

  private Counter traps(String kind) {
    return meters.own(
        Counter.builder("wasm.broker.traps")
            .description(
                "Runs that the engine stopped, by the version that ran and the kind of trap.")
            .tag("handler", handler)
            .tag("version", version)
            .tag("trap", kind)
            .register(meters.registry()));
  }

  void remove() {
    meters.remove();
  }
}
