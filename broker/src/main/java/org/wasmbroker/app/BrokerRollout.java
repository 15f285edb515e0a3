package org.wasmbroker.app;

import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.registry.HandlerResolver;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.rollout.Comparisons;
import org.wasmbroker.rollout.RollbackMonitor;
import org.wasmbroker.rollout.RolloutConfig;
import org.wasmbroker.rollout.RolloutWatcher;
import org.wasmbroker.rollout.Rollouts;
import org.wasmbroker.rollout.SharedState;
import org.wasmbroker.rollout.state.RolloutTables;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;

/** The rollout of one broker: its file, its monitor, and what health says of both. */
final class BrokerRollout implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BrokerRollout.class);

  private final RolloutConfig config;
  private final Rollouts rollouts;
  private final Comparisons comparisons = new Comparisons();
  private volatile @Nullable RollbackMonitor monitor;
  private @Nullable RolloutWatcher watcher;
  private volatile boolean alone;

  BrokerRollout(RolloutConfig config) {
    this.config = config;
    this.rollouts = new Rollouts(config.initial());
  }

  /** What the registry asks. */
  Rollouts rules() {
    return rollouts;
  }

  /** Counts runs. */
  EventSink counter() {
    return comparisons;
  }

  /** Before the first step: learns what was rolled back, and starts to watch. */
  void start(Database database, WorkerIdentity worker, ModuleRegistry registry, EventSink events) {
    if (config.file() != null) {
      start(sharedState(database, worker), worker, registry, events, () -> {});
    }
  }

  /**
   * The same for a process without a database, which rolls back for itself.
   *
   * @param changed is called when another file is in force
   */
  void startAlone(
      WorkerIdentity worker, ModuleRegistry registry, EventSink events, Runnable changed) {
    if (config.file() != null) {
      alone = true;
      start(null, worker, registry, events, changed);
    }
  }

  private void start(
      @Nullable SharedState shared,
      WorkerIdentity worker,
      ModuleRegistry registry,
      EventSink events,
      Runnable changed) {
    var started =
        new RollbackMonitor(
            rollouts, comparisons, shared, worker.hostname(), TimeSource.SYSTEM, events);
    monitor = started;
    started.start();
    watcher =
        new RolloutWatcher(
            config,
            rollouts,
            registry::prepare,
            exact -> problem(registry, exact),
            () -> {
              started.wake();
              changed.run();
            },
            events);
    watcher.start();
  }

  /** The exact version that serves a handler besides its candidate; null for the newest. */
  @Nullable HandlerRef stable(String handler) {
    return rollouts.stable(handler);
  }

  private static @Nullable SharedState sharedState(Database database, WorkerIdentity worker) {
    try {
      new BrokerSchema(database, SchemaPart.ROLLOUT).migrate();
      return new RolloutTables(database, UUID.fromString(worker.id()));
    } catch (ProtocolException refused) {
      if (refused.isTransient()) {
        throw refused;
      }
      log.warn(
          "rollbacks cannot be shared, so that each broker rolls back by itself and forgets it when"
              + " it ends: {}",
          refused.getMessage());
      return null;
    }
  }

  /** Why an exact reference cannot serve; null if it can. Loads its module. */
  private static @Nullable String problem(HandlerResolver registry, HandlerRef exact) {
    try {
      return switch (registry.resolve(exact)) {
        case Resolution.Resolved _ -> null;
        case Resolution.Unknown(var message, _) -> message;
        case Resolution.Refused refused -> refused.message();
      };
    } catch (EngineUnavailableException unavailable) {
      return String.valueOf(unavailable.getMessage());
    }
  }

  /** Whether the file is in force, and which candidates are rolled back. */
  Result health(Result file) {
    var watching = monitor;
    if (watching == null || !file.ok()) {
      return file;
    }
    var rolledBack =
        rollouts.rolledBack().values().stream()
            .filter(
                rollback -> isCandidate(rollback.release().handler(), rollback.release().version()))
            .map(
                rollback ->
                    "%s is rolled back since %s by %s: %s"
                        .formatted(
                            rollback.release(),
                            rollback.decidedAt(),
                            rollback.decidedBy(),
                            rollback.reason()))
            .collect(Collectors.joining("; "));
    var detail = rolledBack.isEmpty() ? file.detail() : file.detail() + "; " + rolledBack;
    if (!alone && rollouts.rollout().candidates() > 0 && !watching.isSharing()) {
      return Result.degraded(detail + "; this broker rolls back by itself: nothing is shared");
    }
    return rolledBack.isEmpty() ? file : Result.degraded(detail);
  }

  private boolean isCandidate(String handler, String version) {
    var rollout = rollouts.rollout().handlers().get(handler);
    return rollout != null
        && rollout.candidate() != null
        && rollout.candidate().version().toString().equals(version);
  }

  @Override
  public void close() {
    if (watcher != null) {
      watcher.close();
    }
    var started = monitor;
    if (started != null) {
      started.close();
    }
  }
}
