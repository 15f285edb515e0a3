package org.wasmbroker.config;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.Engines;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.LimitKind.Scope;

/** What must hold between settings of different stages. */
final class Relations {
  /** One connection claims, one renews leases. */
  private static final int BESIDE_REPORTS = 2;

  private final Values values;
  private final List<Problem> problems;

  private Relations(Values values, List<Problem> problems) {
    this.values = values;
    this.problems = problems;
  }

  static void check(BrokerConfig broker, Values values, List<Problem> problems) {
    var relations = new Relations(values, problems);
    relations.poolServesEveryStage(broker);
    switch (broker.protocol()) {
      case STANDALONE -> relations.renewalEndsBeforeItsLease(broker);
      case TASKER -> {
        relations.aSlowHeartbeatIsNoDeath(broker);
        relations.claimEndsBeforeItsMessageIsVisible(broker);
      }
    }
    relations.batchFitsTheBacklog(broker);
    relations.lineFitsTheLog(broker);
    relations.aStepFitsTheMemory(broker);
    relations.theEngineHoldsTheLimits(broker);
  }

  private void poolServesEveryStage(BrokerConfig broker) {
    int least = broker.report().writers() + BESIDE_REPORTS;
    if (broker.database().poolSize() < least) {
      problem(
          DatabaseSettings.POOL_SIZE,
          ReportSettings.WRITERS,
          "the pool needs a connection for each report writer and %d for claims and renewals: at least %d"
              .formatted(BESIDE_REPORTS, least));
    }
  }

  private void renewalEndsBeforeItsLease(BrokerConfig broker) {
    var left = broker.queue().lease().multipliedBy(2).dividedBy(3);
    if (broker.database().queryTimeout().compareTo(left) >= 0) {
      problem(
          DatabaseSettings.QUERY_TIMEOUT,
          QueueSettings.LEASE,
          "leases are renewed at a third, so a renewal that takes as long as a query may would come too late: less than %s"
              .formatted(text(left)));
    }
  }

  /** A heartbeat may be as late as its interval and a statement that takes as long as it may. */
  private void aSlowHeartbeatIsNoDeath(BrokerConfig broker) {
    var recovery = broker.tasker().recovery();
    if (recovery == null) {
      return;
    }
    var left = recovery.deadAfter().minus(recovery.heartbeat());
    if (broker.database().queryTimeout().compareTo(left) >= 0) {
      problem(
          DatabaseSettings.QUERY_TIMEOUT,
          TaskerSettings.DEAD_AFTER,
          "a heartbeat that takes as long as a query may would come too late, and others would take this worker for dead: less than %s"
              .formatted(text(left)));
    }
  }

  private void claimEndsBeforeItsMessageIsVisible(BrokerConfig broker) {
    var tasker = broker.tasker();
    if (tasker.queueDatabase() != null
        && broker.database().queryTimeout().compareTo(tasker.visibility()) >= 0) {
      problem(
          DatabaseSettings.QUERY_TIMEOUT,
          TaskerSettings.VISIBILITY,
          "a message would be read again while its step is being claimed: less than %s"
              .formatted(text(tasker.visibility())));
    }
  }

  private void batchFitsTheBacklog(BrokerConfig broker) {
    if (broker.report().batchMax() > broker.report().backlog()) {
      problem(
          ReportSettings.BATCH_MAX,
          ReportSettings.BACKLOG,
          "a batch is taken from the backlog: at most %d".formatted(broker.report().backlog()));
    }
  }

  private void lineFitsTheLog(BrokerConfig broker) {
    if (broker.limits().logLineBytes() > Math.max(1, broker.limits().logBytes())) {
      problem(
          LimitSettings.LOG_LINE,
          LimitSettings.LOG,
          "one line must fit into all lines of a run: at most %d bytes"
              .formatted(broker.limits().logBytes()));
    }
  }

  private void aStepFitsTheMemory(BrokerConfig broker) {
    if (broker.limits().memoryBytes() > broker.dispatch().memoryBytes()) {
      problem(
          DispatchSettings.MEMORY,
          LimitSettings.MEMORY,
          "one step must fit into the memory of all: at least %d bytes"
              .formatted(broker.limits().memoryBytes()));
    }
  }

  private void theEngineHoldsTheLimits(BrokerConfig broker) {
    for (var limit : LimitKind.of(Scope.RUN)) {
      long most = Engines.most(broker.engineName(), broker.engine(), limit);
      if (broker.limits().of(limit) > most) {
        problem(
            LimitSettings.setting(limit),
            limit == LimitKind.FUEL && broker.engineName() == EngineName.WASMTIME
                ? EngineSettings.FUEL
                : EngineSettings.NAME,
            "this engine can hold a guest to %s at most".formatted(limit.measuredIn().show(most)));
      }
    }
    if (broker.engine().fuel() && broker.engineName() == EngineName.WASMTIME_JAVA) {
      problem(EngineSettings.FUEL, EngineSettings.NAME, "this engine cannot count instructions");
    }
  }

  private void problem(Setting<?> wrong, Setting<?> other, String message) {
    problems.add(
        new Problem(shown(wrong) + " with " + shown(other), origins(wrong, other), message));
  }

  private String shown(Setting<?> setting) {
    return setting.key() + " = " + Effective.of(setting, values).value();
  }

  private String origins(Setting<?> wrong, Setting<?> other) {
    return Effective.of(wrong, values).origin() + ", " + Effective.of(other, values).origin();
  }

  private static String text(Duration duration) {
    return Amounts.DURATION_OF_TIME.write().apply(duration);
  }
}
