package org.wasmbroker.protocol.tasker.recovery;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.OutageLog;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.SqlArrays;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.protocol.tasker.recovery.OrphanedStep.DeadWorker;
import org.wasmbroker.protocol.tasker.report.CompletionWriter;
import org.wasmbroker.protocol.tasker.report.ResultMessage;
import org.wasmbroker.protocol.tasker.report.ResultMessages;
import org.wasmbroker.protocol.tasker.report.ResultNotifier;
import org.wasmbroker.protocol.tasker.report.TaskerCompletionSql;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.TaskerEvent;

/**
 * Ends the claims of dead workers. A step that is still in the state its claim left it in fails, as
 * if its worker had reported it, and the orchestrator decides whether it is retried; for all others
 * only the claim is removed. Only one living worker handles a dead one at a time; each batch is one
 * transaction, which checks again that the worker is dead.
 */
public final class WorkerRecovery {
  private static final Logger log = LoggerFactory.getLogger(WorkerRecovery.class);
  private static final int BATCH_SIZE = 500;

  private final Database database;
  private final Duration deadAfter;
  private final WorkerIdentity worker;
  private final UUID id;
  private final CompletionWriter completions;
  private final @Nullable ResultNotifier notifier;
  private final EventSink events;
  private final OutageLog outage =
      new OutageLog(
          log,
          "the claims of a dead worker cannot be ended",
          "claims of dead workers can be ended");

  /**
   * @param deadAfter the minimum age of a claim whose worker has left no row
   * @param completions writes this worker's completions
   * @param notifier sends result messages if the queues are in a separate database, else null
   */
  public WorkerRecovery(
      Database database,
      Duration deadAfter,
      WorkerIdentity worker,
      CompletionWriter completions,
      @Nullable ResultNotifier notifier,
      EventSink events) {
    this.database = database;
    this.deadAfter = deadAfter;
    this.worker = worker;
    this.id = UUID.fromString(worker.id());
    this.completions = completions;
    this.notifier = notifier;
    this.events = events;
  }

  /** The claims that one transaction has inspected. */
  private record ClaimScan(
      List<OrphanedStep> held, List<UUID> stale, List<UUID> withResult, int claims) {
    private int ended() {
      return held.size() + stale.size() + withResult.size();
    }
  }

  /** What one transaction has done, and whether there may be more to do. */
  private record RecoveredBatch(
      DeadWorker deadWorker, int failed, List<ResultMessage> messages, boolean more) {}

  /**
   * Looks for dead workers and ends their claims.
   *
   * @return how many steps were failed
   * @throws SqlFailure if the search itself failed
   */
  int recover() {
    int failed = 0;
    for (var dead : deadWorkers()) {
      try {
        failed += recover(dead);
        outage.succeeded();
      } catch (SqlFailure failure) {
        outage.failed(SqlFailure.severityOf(failure), failure);
      }
    }
    return failed;
  }

  private int recover(UUID dead) {
    int failed = 0;
    boolean more = true;
    while (more) {
      var ended =
          database.transaction(
              "end the claims of worker " + dead, connection -> recoverBatch(connection, dead));
      ended.ifPresent(this::logRecovered);
      failed += ended.map(RecoveredBatch::failed).orElse(0);
      more = ended.map(RecoveredBatch::more).orElse(false);
    }
    return failed;
  }

  private void logRecovered(RecoveredBatch ended) {
    if (notifier != null) {
      notifier.enqueue(ended.messages());
    }
    if (ended.failed() > 0) {
      events.on(
          new TaskerEvent.StepsRecovered(ended.failed(), ended.deadWorker().worker().toString()));
      log.atWarn()
          .addKeyValue("steps", ended.failed())
          .addKeyValue("worker", ended.deadWorker())
          .log("a worker is dead; its steps have failed and are retried where allowed");
    }
  }

  private List<UUID> deadWorkers() {
    return database.call(
        "look for dead workers",
        connection -> {
          try (var statement = database.prepare(connection, WorkerSql.FIND_DEAD)) {
            statement.setObject(1, id);
            statement.setObject(2, id);
            statement.setLong(3, deadAfter.toMillis());
            try (var rows = statement.executeQuery()) {
              var dead = new ArrayList<UUID>();
              while (rows.next()) {
                dead.add(rows.getObject(1, UUID.class));
              }
              return dead;
            }
          }
        });
  }

  /** Empty if the worker is not dead after all, or another worker handles it. */
  private Optional<RecoveredBatch> recoverBatch(Connection connection, UUID dead)
      throws SQLException {
    var holder = lockDeadWorker(connection, dead);
    if (holder == null) {
      return Optional.empty();
    }
    var scan = scanClaims(connection, holder);
    completions.write(
        connection, scan.held().stream().map(step -> step.failure(holder, worker)).toList());
    recordLosses(connection, scan.held());
    deleteClaims(connection, scan.stale());
    var messages = takeOverMessages(connection, scan);
    deleteWorker(connection, dead);
    return Optional.of(
        new RecoveredBatch(
            holder, scan.held().size(), messages, scan.claims() == BATCH_SIZE && scan.ended() > 0));
  }

  private @Nullable DeadWorker lockDeadWorker(Connection connection, UUID dead)
      throws SQLException {
    try (var statement = database.prepare(connection, WorkerSql.LOCK_DEAD)) {
      statement.setObject(1, dead);
      try (var rows = statement.executeQuery()) {
        if (rows.next()) {
          var seenAt = rows.getObject(2, OffsetDateTime.class).toInstant();
          return new DeadWorker(dead, rows.getString(1), seenAt);
        }
      }
    }
    return isKnown(connection, dead) ? null : new DeadWorker(dead, null, null);
  }

  private boolean isKnown(Connection connection, UUID dead) throws SQLException {
    try (var statement = database.prepare(connection, WorkerSql.FIND_WORKER)) {
      statement.setObject(1, dead);
      try (var rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  private ClaimScan scanClaims(Connection connection, DeadWorker holder) throws SQLException {
    var held = new ArrayList<OrphanedStep>();
    var stale = new ArrayList<UUID>();
    var withResult = new ArrayList<UUID>();
    int claims = 0;
    try (var statement = database.prepare(connection, WorkerSql.CLAIMS)) {
      statement.setObject(1, holder.worker());
      statement.setLong(2, holder.seenAt() == null ? deadAfter.toMillis() : 0);
      statement.setInt(3, BATCH_SIZE);
      try (var rows = statement.executeQuery()) {
        for (; rows.next(); claims++) {
          if (rows.getBoolean("has_result")) {
            withResult.add(rows.getObject(1, UUID.class));
          } else if (rows.getBoolean("held")) {
            held.add(OrphanedStep.read(rows));
          } else if (rows.getBoolean("stale")) {
            stale.add(rows.getObject(1, UUID.class));
          }
        }
      }
    }
    return new ClaimScan(held, stale, withResult, claims);
  }

  /**
   * The messages that are still to be sent. If the queues are in a separate database, this worker
   * sends them later and owns their claims until then. If not, they are sent in this transaction:
   * their claims date from a time when the queues were separate.
   */
  private List<ResultMessage> takeOverMessages(Connection connection, ClaimScan scan)
      throws SQLException {
    var claims = new ArrayList<>(scan.withResult());
    if (notifier == null) {
      var messages = takeOver(connection, claims);
      ResultMessages.send(database, connection, messages);
      deleteClaims(connection, claims);
      return List.of();
    }
    scan.held().forEach(step -> claims.add(step.transition()));
    return takeOver(connection, claims);
  }

  private List<ResultMessage> takeOver(Connection connection, List<UUID> claims)
      throws SQLException {
    if (claims.isEmpty()) {
      return List.of();
    }
    try (var statement = database.prepare(connection, WorkerSql.TAKE_OVER)) {
      statement.setObject(1, id);
      statement.setArray(2, SqlArrays.uuids(connection, claims));
      try (var rows = statement.executeQuery()) {
        var messages = new ArrayList<ResultMessage>();
        while (rows.next()) {
          messages.add(
              new ResultMessage(
                  rows.getObject(1, UUID.class),
                  rows.getObject(2, UUID.class),
                  rows.getObject(3, UUID.class),
                  rows.getObject(4, UUID.class)));
        }
        return messages;
      }
    }
  }

  /** For those that are retried. */
  private void recordLosses(Connection connection, List<OrphanedStep> held) throws SQLException {
    var lost = held.stream().filter(OrphanedStep::isRetried).toList();
    if (lost.isEmpty()) {
      return;
    }
    try (var statement = database.prepare(connection, WorkerSql.RECORD_LOSSES)) {
      statement.setArray(
          1, SqlArrays.uuids(connection, lost.stream().map(OrphanedStep::step).toList()));
      statement.setArray(
          2, SqlArrays.booleans(connection, lost.stream().map(OrphanedStep::started).toList()));
      statement.execute();
    }
    try (var statement = database.prepare(connection, WorkerSql.FORGET_OLD_SUSPECTS)) {
      statement.execute();
    }
  }

  private void deleteClaims(Connection connection, List<UUID> claims) throws SQLException {
    if (claims.isEmpty()) {
      return;
    }
    try (var statement = database.prepare(connection, TaskerCompletionSql.deleteClaims())) {
      statement.setArray(1, SqlArrays.uuids(connection, claims));
      statement.execute();
    }
  }

  private void deleteWorker(Connection connection, UUID dead) throws SQLException {
    try (var statement = database.prepare(connection, WorkerSql.DELETE_WORKER)) {
      statement.setObject(1, dead);
      statement.setObject(2, dead);
      statement.execute();
    }
  }
}
