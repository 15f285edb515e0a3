package org.wasmbroker.protocol.tasker.recovery;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.OutageLog;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.protocol.tasker.RecoveryConfig;
import org.wasmbroker.step.Backoff;

/**
 * Records in the database that this worker is alive, and looks for workers that no longer do.
 *
 * <p>The two have a thread each, and the heartbeat has a connection of its own: neither a long
 * recovery nor an exhausted pool may make a living worker appear dead.
 *
 * <p>An outage of the database leaves every worker silent. So a worker looks for dead ones only
 * after a series of heartbeats without a gap; by then the others are back, too.
 */
public final class WorkerHeartbeat implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WorkerHeartbeat.class);

  /** From the third consecutive beat on, two intervals after the first, the others are back. */
  private static final int MIN_STEADY_BEATS = 3;

  private static final Duration CLOSE_BUDGET = Duration.ofSeconds(2);

  private final Database database;
  private final RecoveryConfig config;
  private final WorkerIdentity worker;
  private final UUID id;
  private final String version;
  private final WorkerRecovery recovery;
  private final Backoff backoff;
  private final TaskLoop heartbeatLoop = new TaskLoop("worker-heartbeat", this::beatOnce);
  private final TaskLoop recoveryLoop = new TaskLoop("worker-recovery", this::recoverOnce);
  private final OutageLog heartbeatOutage =
      new OutageLog(
          log,
          "the worker's heartbeat is not recorded",
          "the worker's heartbeat is recorded again");
  private final OutageLog recoveryOutage =
      new OutageLog(log, "dead workers are not looked for", "dead workers are looked for again");
  private volatile int steadyBeats;

  // Confined to the heartbeat thread.
  private @Nullable Connection heartbeatConnection;

  /**
   * @param worker whose id is a UUID
   * @param version of this broker, for people who read the table
   */
  public WorkerHeartbeat(
      Database database,
      RecoveryConfig config,
      WorkerIdentity worker,
      String version,
      WorkerRecovery recovery) {
    this.database = database;
    this.config = config;
    this.worker = worker;
    this.id = UUID.fromString(worker.id());
    this.version = version;
    this.recovery = recovery;
    this.backoff = new Backoff(config.heartbeat().dividedBy(20), config.heartbeat());
  }

  /**
   * Records the first heartbeat and starts the threads: claims are safe from now on.
   *
   * @throws SqlFailure if the database refuses or cannot be reached
   */
  public void start() {
    database.call("record the worker's heartbeat", this::beat);
    heartbeatLoop.start();
    recoveryLoop.start();
  }

  /** Returns how long to wait until the next beat. */
  Duration beatOnce() {
    try {
      steadyBeats = beat(connection()) ? steadyBeats + 1 : 1;
      heartbeatOutage.succeeded();
      return config.heartbeat();
    } catch (SQLException failure) {
      disconnect();
      steadyBeats = 0;
      int failures = heartbeatOutage.failed(SqlFailure.severityOf(failure), failure);
      return backoff.delay(failures, ThreadLocalRandom.current().nextDouble());
    }
  }

  /**
   * Returns whether the last beat was recent enough that others cannot have fallen silent since.
   */
  private boolean beat(Connection connection) throws SQLException {
    try (var statement = database.prepare(connection, WorkerSql.HEARTBEAT)) {
      statement.setObject(1, id);
      statement.setObject(2, id);
      statement.setString(3, worker.hostname());
      statement.setString(4, version);
      statement.setLong(5, config.deadAfter().toMillis());
      try (var rows = statement.executeQuery()) {
        rows.next();
        long silent = rows.getLong(1);
        return !rows.wasNull() && silent <= config.deadAfter().toMillis() / 2;
      }
    }
  }

  private Connection connection() throws SQLException {
    var open = heartbeatConnection;
    if (open == null) {
      open = database.connect();
      // A network that fails silently must be noticed before this worker counts as dead.
      open.setNetworkTimeout(
          Runnable::run, Math.toIntExact(Math.max(1_000, config.deadAfter().toMillis() / 3)));
      heartbeatConnection = open;
    }
    return open;
  }

  private void disconnect() {
    var open = heartbeatConnection;
    heartbeatConnection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException gone) {
        log.atDebug().log("the heartbeat's connection was already lost: {}", gone.getMessage());
      }
    }
  }

  /** Returns how long to wait until the next search. */
  Duration recoverOnce() {
    if (steadyBeats >= MIN_STEADY_BEATS) {
      try {
        recovery.recover();
        recoveryOutage.succeeded();
      } catch (SqlFailure failure) {
        recoveryOutage.failed(SqlFailure.severityOf(failure), failure);
      }
    }
    return config.heartbeat();
  }

  /** Stops, and removes this worker's row. Claims that remain, if any, are recovered by others. */
  @Override
  public void close() {
    if (!recoveryLoop.close(CLOSE_BUDGET)) {
      log.warn("the recovery of dead workers' steps is still under way");
    }
    if (!heartbeatLoop.close(CLOSE_BUDGET)) {
      log.warn("the heartbeat is still under way");
    }
    disconnect();
    if (!heartbeatLoop.isStarted()) {
      return;
    }
    // Not a pooled connection, which may have been opened before an outage.
    try (var connection = database.connect();
        var statement = database.prepare(connection, WorkerSql.DEREGISTER)) {
      statement.setObject(1, id);
      statement.execute();
    } catch (SQLException failure) {
      log.atWarn()
          .log(
              "the worker could not be deregistered and will be found dead: {}",
              failure.getMessage());
    }
  }
}
