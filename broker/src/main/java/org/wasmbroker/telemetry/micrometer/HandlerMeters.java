package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.TagLimiter;
import org.wasmbroker.telemetry.micrometer.VersionMeters.End;

/** The meters of one handler, and of its versions. */
final class HandlerMeters {
  private static final int MAX_ERROR_TYPES = 20;

  private final OwnedMeters meters;
  private final String handler;
  private final KnownValues known;
  private final Semaphore room;
  private final Timer instantiation;
  private final Timer execution;
  private final Timer permitWait;
  private final DistributionSummary memory;
  private final TagLimiter errors = new TagLimiter(MAX_ERROR_TYPES, BrokerError.TAG_VALUES);
  private final ConcurrentHashMap<OutcomeTags, Counter> steps = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, VersionMeters> versions = new ConcurrentHashMap<>();
  private final CallMeters calls;
  private boolean gone; // guarded by this

  /**
   * @param rules shared by all handlers
   * @param room for versions, shared by all handlers
   */
  HandlerMeters(
      MeterRegistry registry, String handler, KnownValues known, TagLimiter rules, Semaphore room) {
    this.meters = new OwnedMeters(registry);
    this.handler = handler;
    this.known = known;
    this.room = room;
    this.calls = new CallMeters(meters, handler, rules);
    instantiation =
        meters.own(
            Meters.timer("wasm.broker.step.instantiation", Buckets.RUN)
                .description(
                    "Creating a step's fresh instance: store, limits, instance, start function.")
                .tag("handler", handler)
                .register(registry));
    execution =
        meters.own(
            Meters.timer("wasm.broker.step.execution", Buckets.RUN)
                .description("Running a step's guest code, including the host functions it called.")
                .tag("handler", handler)
                .register(registry));
    permitWait =
        meters.own(
            Meters.timer("wasm.broker.step.permit.wait", Buckets.RUN)
                .description(
                    "How long a step's guest, which could have gone on, waited until others let it"
                        + " compute; its time limit stands meanwhile.")
                .tag("handler", handler)
                .register(registry));
    memory =
        meters.own(
            Meters.summary("wasm.broker.step.memory", Buckets.MEMORY)
                .description("High-water mark of the guest's linear memory during one step.")
                .baseUnit("bytes")
                .tag("handler", handler)
                .register(registry));
  }

  CallMeters calls() {
    return calls;
  }

  /** Has the series of what a module of this handler can end with. */
  void expect(LoadedModule module) {
    var _ = version(module.id().version());
    expect(End.COMPLETED, BrokerError.NO_ERROR);
    BrokerError.of(BrokerError.Run.MODULE, known.tasker()).forEach(this::expect);
    module.errors().forEach(this::expect);
    for (var end : List.of(End.FAILED, End.RETRY, End.EXHAUSTED)) {
      expect(end, TagLimiter.OTHER);
    }
    if (module.http()) {
      calls.expectHttp(known.refusals());
    }
    if (module.secrets()) {
      calls.expectSecrets(known.secretUses());
    }
    if (module.cache()) {
      calls.expectCache();
    }
    if (module.files()) {
      calls.expectFiles();
    }
  }

  /** Has the series of what a step of no module can end with. */
  void expectNoModule() {
    BrokerError.of(BrokerError.Run.NONE, known.tasker()).forEach(this::expect);
  }

  private void expect(BrokerError error) {
    error.outcomes().forEach(end -> expect(end, error.type()));
  }

  private void expect(String errorType, boolean retryable) {
    if (retryable) {
      expect(End.RETRY, errorType);
      expect(End.EXHAUSTED, errorType);
    } else {
      expect(End.FAILED, errorType);
    }
  }

  private void expect(End end, String errorType) {
    counter(new OutcomeTags(end.text(), errors.limit(errorType)));
  }

  void recordOutcome(Outcome outcome) {
    var receipt = outcome.receipt();
    var module = receipt.module();
    var version = module == null ? null : version(module.version());
    switch (outcome) {
      case Outcome.Completed _ -> {
        counter(new OutcomeTags(End.COMPLETED.text(), BrokerError.NO_ERROR)).increment();
        if (version != null) {
          version.completed();
        }
      }
      case Outcome.Failed failed -> {
        var end = failed.exhausted() ? End.EXHAUSTED : End.FAILED;
        failed(end, failed.error(), version);
      }
      case Outcome.Retry retry -> failed(End.RETRY, retry.error(), version);
    }
    if (receipt.engine() != null) {
      recordRun(receipt);
    }
  }

  private void failed(End end, StepError error, @Nullable VersionMeters version) {
    counter(new OutcomeTags(end.text(), errors.limit(error.type()))).increment();
    if (version != null) {
      version.failed(end, error);
    }
  }

  private void recordRun(Receipt receipt) {
    instantiation.record(receipt.instantiation());
    execution.record(receipt.execution());
    permitWait.record(receipt.permitWait());
    memory.record((double) receipt.memoryHighWaterBytes());
  }

  private VersionMeters version(String version) {
    var existing = versions.get(version);
    return existing == null ? newVersion(version) : existing;
  }

  /**
   * A version for which there is no room is counted as {@code other}. A step that ends when the
   * handler has gone has no series of its version, which nobody would remove.
   */
  private synchronized VersionMeters newVersion(String version) {
    var existing = versions.get(version);
    if (existing != null) {
      return existing;
    }
    if (gone) {
      return new VersionMeters(new SimpleMeterRegistry(), handler, version, known.traps());
    }
    return room.tryAcquire()
        ? versions.computeIfAbsent(version, this::metersOf)
        : versions.computeIfAbsent(TagLimiter.OTHER, this::metersOf);
  }

  private VersionMeters metersOf(String version) {
    return new VersionMeters(meters.registry(), handler, version, known.traps());
  }

  private Counter counter(OutcomeTags tags) {
    var existing = steps.get(tags);
    return existing == null ? steps.computeIfAbsent(tags, this::newCounter) : existing;
  }

  private Counter newCounter(OutcomeTags tags) {
    return meters.own(
        Counter.builder("wasm.broker.steps")
            .description("Steps whose run ended, by outcome and error type.")
            .tag("handler", handler)
            .tag("outcome", tags.outcome())
            .tag("error", tags.error())
            .register(meters.registry()));
  }

  /** Removes the series of the versions that are not among these. */
  synchronized void keepVersions(Set<String> loaded) {
    for (var version : List.copyOf(versions.keySet())) {
      var gone = loaded.contains(version) ? null : versions.remove(version);
      if (gone != null) {
        gone.remove();
        if (!version.equals(TagLimiter.OTHER)) {
          room.release();
        }
      }
    }
  }

  synchronized void remove() {
    gone = true;
    keepVersions(Set.of());
    meters.remove();
  }

  private record OutcomeTags(String outcome, String error) {}
}
