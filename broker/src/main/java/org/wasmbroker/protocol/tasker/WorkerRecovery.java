package org.wasmbroker.protocol.tasker;

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
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.protocol.tasker.LostStep.Holder;
import org.wasmbroker.telemetry.BrokerEvents;

/**
 * Ends the claims of dead workers. A step that is still as its claim left it fails, as if its
 * worker had reported it, and the orchestrator decides whether it is tried again; of all others
 * only the claim goes. A dead worker is one living worker's affair at a time; each batch is one
 * transaction, in which death is asked for again.
 */
final class WorkerRecovery {
  private static final Logger log = LoggerFactory.getLogger(WorkerRecovery.class);
  private static final int BATCH = 500;

  private final Database database;
  private final Duration deadAfter;
  private final WorkerIdentity worker;
  private final UUID id;
  private final Completions completions;
  private final @Nullable SplitResults results;
  private final BrokerEvents events;

  /**
   * @param deadAfter how old a claim has to be whose worker has left no row
   * @param completions which write this worker's completions
   * @param results what tells of results, where the queues are in a database of their own
   */
  WorkerRecovery(
      Database database,
      Duration deadAfter,
      WorkerIdentity worker,
      Completions completions,
      @Nullable SplitResults results,
      BrokerEvents events) {
    this.database = database;
    this.deadAfter = deadAfter;
    this.worker = worker;
    this.id = UUID.fromString(worker.id());
    this.completions = completions;
    this.results = results;
    this.events = events;
  }

  /** The claims that one transaction has looked at. */
  private record Looked(List<LostStep> held, List<UUID> over, List<UUID> withResult, int claims) {
    private int ended() {
      return held.size() + over.size() + withResult.size();
    }
  }

  /** What one transaction has done, and whether there may be more to do. */
  private record Ended(Holder holder, int failed, List<ResultMessage> messages, boolean more) {}

  /**
   * Looks for the dead, and ends their claims.
   *
   * @return how many steps were failed
   * @throws SqlFailure when the dead could not be looked for
   */
  int recover() {
    int failed = 0;
    for (var dead : dead()) {
      try {
        failed += recover(dead);
      } catch (SqlFailure failure) {
        log.atWarn()
            .addKeyValue("worker", dead)
            .log("the claims of a dead worker could not be ended yet: {}", failure.getMessage());
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
              "end the claims of worker " + dead, connection -> end(connection, dead));
      ended.ifPresent(this::tell);
      failed += ended.map(Ended::failed).orElse(0);
      more = ended.map(Ended::more).orElse(false);
    }
    return failed;
  }

  private void tell(Ended ended) {
    if (results != null) {
      results.adopt(ended.messages());
    }
    if (ended.failed() > 0) {
      events.stepsRecovered(ended.failed(), ended.holder().worker().toString());
      log.atWarn()
          .addKeyValue("steps", ended.failed())
          .addKeyValue("worker", ended.holder())
          .log("a worker is dead; its steps have failed, and are tried again where they may be");
    }
  }

  private List<UUID> dead() {
    return database.call(
        "look for dead workers",
        connection -> {
          try (var statement = database.prepare(connection, WorkerSql.DEAD)) {
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

  /** Nothing when the worker is not dead after all, or somebody else's affair. */
  private Optional<Ended> end(Connection connection, UUID dead) throws SQLException {
    var holder = holder(connection, dead);
    if (holder == null) {
      return Optional.empty();
    }
    var looked = claims(connection, holder);
    completions.write(
        connection, looked.held().stream().map(step -> step.failure(holder, worker)).toList());
    forget(connection, looked.over());
    var messages = untold(connection, looked);
    bury(connection, dead);
    return Optional.of(
        new Ended(
            holder,
            looked.held().size(),
            messages,
            looked.claims() == BATCH && looked.ended() > 0));
  }

  private @Nullable Holder holder(Connection connection, UUID dead) throws SQLException {
    try (var statement = database.prepare(connection, WorkerSql.LOCK)) {
      statement.setObject(1, dead);
      try (var rows = statement.executeQuery()) {
        if (rows.next()) {
          var seenAt = rows.getObject(2, OffsetDateTime.class).toInstant();
          return new Holder(dead, rows.getString(1), seenAt);
        }
      }
    }
    return isKnown(connection, dead) ? null : new Holder(dead, null, null);
  }

  private boolean isKnown(Connection connection, UUID dead) throws SQLException {
    try (var statement = database.prepare(connection, WorkerSql.KNOWN)) {
      statement.setObject(1, dead);
      try (var rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  private Looked claims(Connection connection, Holder holder) throws SQLException {
    var held = new ArrayList<LostStep>();
    var over = new ArrayList<UUID>();
    var withResult = new ArrayList<UUID>();
    int claims = 0;
    try (var statement = database.prepare(connection, WorkerSql.CLAIMS)) {
      statement.setObject(1, holder.worker());
      statement.setLong(2, holder.seenAt() == null ? deadAfter.toMillis() : 0);
      statement.setInt(3, BATCH);
      try (var rows = statement.executeQuery()) {
        for (; rows.next(); claims++) {
          if (rows.getBoolean("has_result")) {
            withResult.add(rows.getObject(1, UUID.class));
          } else if (rows.getBoolean("held")) {
            held.add(LostStep.read(rows));
          } else if (rows.getBoolean("over")) {
            over.add(rows.getObject(1, UUID.class));
          }
        }
      }
    }
    return new Looked(held, over, withResult, claims);
  }

  /**
   * The messages that somebody still has to send. Where the queues are elsewhere, this worker will,
   * and the claims are its own until then; where they are not, they go along, for claims that were
   * made when the queues were elsewhere.
   */
  private List<ResultMessage> untold(Connection connection, Looked looked) throws SQLException {
    var claims = new ArrayList<>(looked.withResult());
    if (results == null) {
      var messages = takenOver(connection, claims);
      SplitQueues.send(database, connection, messages);
      forget(connection, claims);
      return List.of();
    }
    looked.held().forEach(step -> claims.add(step.transition()));
    return takenOver(connection, claims);
  }

  private List<ResultMessage> takenOver(Connection connection, List<UUID> claims)
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

  private void forget(Connection connection, List<UUID> claims) throws SQLException {
    if (claims.isEmpty()) {
      return;
    }
    try (var statement = database.prepare(connection, TaskerCompletionSql.forget())) {
      statement.setArray(1, SqlArrays.uuids(connection, claims));
      statement.execute();
    }
  }

  private void bury(Connection connection, UUID dead) throws SQLException {
    try (var statement = database.prepare(connection, WorkerSql.BURY)) {
      statement.setObject(1, dead);
      statement.setObject(2, dead);
      statement.execute();
    }
  }
}
