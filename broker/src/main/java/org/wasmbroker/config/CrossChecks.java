package org.wasmbroker.config;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.Engines;
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Problem;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.LimitKind.Scope;

/** Checks constraints between settings of different stages. */
final class CrossChecks {
  /** One connection for claims, one for lease extensions. */
  private static final int NON_REPORT_CONNECTIONS = 2;

  private final SettingValues values;
  private final List<Problem> problems;

  private CrossChecks(SettingValues values, List<Problem> problems) {
    this.values = values;
    this.problems = problems;
  }

  static void check(BrokerConfig broker, SettingValues values, List<Problem> problems) {
    var checks = new CrossChecks(values, problems);
    checks.checkPoolSize(broker);
    switch (broker.protocol()) {
      case STANDALONE -> checks.checkQueryTimeoutAgainstLease(broker);
      case TASKER -> {
        checks.checkQueryTimeoutAgainstHeartbeat(broker);
        checks.checkQueryTimeoutAgainstVisibility(broker);
      }
    }
    checks.checkBatchFitsBacklog(broker);
    checks.checkLogLineFitsLog(broker);
    checks.checkRecordingFits(broker);
    checks.checkStepFitsMemory(broker);
    checks.checkEngineSupportsLimits(broker);
  }

  private void checkRecordingFits(BrokerConfig broker) {
    if (broker.recording().largestBytes() > broker.recording().maxBytes()) {
      problem(
          RecordSettings.LARGEST,
          RecordSettings.KEEP_SIZE,
          "one recording would not fit into what is kept: must be at most %d bytes"
              .formatted(broker.recording().maxBytes()));
    }
  }

  private void checkPoolSize(BrokerConfig broker) {
    int min = broker.report().writers() + NON_REPORT_CONNECTIONS;
    if (broker.database().poolSize() < min) {
      problem(
          DatabaseSettings.POOL_SIZE,
          ReportSettings.WRITERS,
          "the pool needs a connection for each report writer and %d for claims and lease extensions: at least %d"
              .formatted(NON_REPORT_CONNECTIONS, min));
    }
  }

  private void checkQueryTimeoutAgainstLease(BrokerConfig broker) {
    var available = broker.queue().lease().multipliedBy(2).dividedBy(3);
    if (broker.database().queryTimeout().compareTo(available) >= 0) {
      problem(
          DatabaseSettings.QUERY_TIMEOUT,
          QueueSettings.LEASE,
          "leases are extended after a third of their duration, so a slow extension would come too late: must be less than %s"
              .formatted(format(available)));
    }
  }

  /** A heartbeat can be late by its interval plus the query timeout. */
  private void checkQueryTimeoutAgainstHeartbeat(BrokerConfig broker) {
    var recovery = broker.tasker().recovery();
    if (recovery == null) {
      return;
    }
    var available = recovery.deadAfter().minus(recovery.heartbeat());
    if (broker.database().queryTimeout().compareTo(available) >= 0) {
      problem(
          DatabaseSettings.QUERY_TIMEOUT,
          TaskerSettings.DEAD_AFTER,
          "a slow heartbeat would come too late, and other workers would consider this one dead: must be less than %s"
              .formatted(format(available)));
    }
  }

  private void checkQueryTimeoutAgainstVisibility(BrokerConfig broker) {
    var tasker = broker.tasker();
    if (tasker.queueDatabase() != null
        && broker.database().queryTimeout().compareTo(tasker.visibility()) >= 0) {
      problem(
          DatabaseSettings.QUERY_TIMEOUT,
          TaskerSettings.VISIBILITY,
          "a message would become visible again while its step is being claimed: must be less than %s"
              .formatted(format(tasker.visibility())));
    }
  }

  private void checkBatchFitsBacklog(BrokerConfig broker) {
    if (broker.report().batchMax() > broker.report().backlog()) {
      problem(
          ReportSettings.BATCH_MAX,
          ReportSettings.BACKLOG,
          "a batch must fit into the backlog: at most %d".formatted(broker.report().backlog()));
    }
  }

  private void checkLogLineFitsLog(BrokerConfig broker) {
    if (broker.limits().logLineBytes() > Math.max(1, broker.limits().logBytes())) {
      problem(
          LimitSettings.LOG_LINE,
          LimitSettings.LOG,
          "one line must fit into the limit for all lines of a run: at most %d bytes"
              .formatted(broker.limits().logBytes()));
    }
  }

  private void checkStepFitsMemory(BrokerConfig broker) {
    if (broker.limits().memoryBytes() > broker.dispatch().memoryBytes()) {
      problem(
          DispatchSettings.MEMORY,
          LimitSettings.MEMORY,
          "one step must fit into the memory of all steps: at least %d bytes"
              .formatted(broker.limits().memoryBytes()));
    }
  }

  private void checkEngineSupportsLimits(BrokerConfig broker) {
    for (var limit : LimitKind.of(Scope.RUN)) {
      long max = Engines.ceiling(broker.engineName(), broker.engine(), limit);
      if (broker.limits().of(limit) > max) {
        problem(
            LimitSettings.setting(limit),
            limit == LimitKind.FUEL && broker.engineName() == EngineName.WASMTIME
                ? EngineSettings.FUEL
                : EngineSettings.NAME,
            "this engine can enforce at most %s".formatted(limit.unit().format(max)));
      }
    }
    if (broker.engine().fuel() && broker.engineName() == EngineName.WASMTIME_JAVA) {
      problem(EngineSettings.FUEL, EngineSettings.NAME, "this engine cannot count instructions");
    }
  }

  private void problem(Setting<?> wrong, Setting<?> other, String message) {
    problems.add(
        new Problem(
            Location.of(origins(wrong, other)),
            display(wrong) + " with " + display(other),
            message));
  }

  private String display(Setting<?> setting) {
    return setting.key() + " = " + EffectiveSetting.of(setting, values).value();
  }

  private String origins(Setting<?> wrong, Setting<?> other) {
    return EffectiveSetting.of(wrong, values).origin()
        + ", "
        + EffectiveSetting.of(other, values).origin();
  }

  private static String format(Duration duration) {
    return QuantityTypes.DURATION.format().apply(duration);
  }
}
