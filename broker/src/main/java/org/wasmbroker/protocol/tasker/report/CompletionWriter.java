package org.wasmbroker.protocol.tasker.report;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.SqlArrays;
import org.wasmbroker.protocol.tasker.TransitionTimestamp;
import org.wasmbroker.protocol.tasker.claim.TaskerClaim;

/**
 * Writes the ends of attempts as Tasker's workers do: transition, audit by trigger, results,
 * message. Each call is one transaction. Thread-safe.
 */
public final class CompletionWriter {
  private final Database database;
  private final String worker;
  private final boolean journal;
  private final String completeSql;

  /**
   * @param journal whether claims are recorded in the broker's own tables
   * @param send whether the queues are in this database, so that the message is part of the
   *     transaction
   */
  public CompletionWriter(Database database, UUID worker, boolean journal, boolean send) {
    this.database = database;
    this.worker = worker.toString();
    this.journal = journal;
    this.completeSql = TaskerCompletionSql.complete(journal, send);
  }

  /**
   * Writes in a transaction of its own; returns the transitions of the claims that were still held.
   */
  public Set<UUID> write(List<Completion> completions) {
    return database.call("complete steps", connection -> write(connection, completions));
  }

  /** The same in the caller's transaction. */
  public Set<UUID> write(Connection connection, List<Completion> completions) throws SQLException {
    if (completions.isEmpty()) {
      return Set.of();
    }
    try (var statement = database.prepare(connection, completeSql)) {
      statement.setArray(
          1, SqlArrays.uuids(connection, completions.stream().map(Completion::step).toList()));
      statement.setArray(
          2,
          SqlArrays.uuids(connection, completions.stream().map(Completion::transition).toList()));
      statement.setArray(
          3, SqlArrays.uuids(connection, completions.stream().map(Completion::task).toList()));
      statement.setArray(
          4,
          SqlArrays.uuids(connection, completions.stream().map(Completion::correlation).toList()));
      statement.setArray(
          5,
          SqlArrays.booleans(connection, completions.stream().map(Completion::success).toList()));
      statement.setArray(
          6,
          SqlArrays.documents(connection, completions.stream().map(Completion::result).toList()));
      statement.setArray(
          7,
          SqlArrays.ints(
              connection, completions.stream().map(end -> end.countsAttempt() ? 0 : 1).toList()));
      statement.setString(8, TransitionTimestamp.of(Instant.now()));
      statement.setString(9, worker);
      return readTransitions(statement);
    }
  }

  /**
   * Returns the transitions of those that this worker has already written, with exactly this
   * result, in a call whose response was lost. A claim that ended in any other way is lost.
   */
  Set<UUID> alreadyWritten(List<Completion> completions) {
    return database.call(
        "look for completed steps",
        connection -> {
          try (var statement = database.prepare(connection, TaskerCompletionSql.alreadyWritten())) {
            statement.setArray(
                1,
                SqlArrays.uuids(
                    connection, completions.stream().map(Completion::transition).toList()));
            statement.setArray(
                2,
                SqlArrays.booleans(
                    connection, completions.stream().map(Completion::success).toList()));
            statement.setArray(
                3,
                SqlArrays.documents(
                    connection, completions.stream().map(Completion::result).toList()));
            statement.setString(4, worker);
            return readTransitions(statement);
          }
        });
  }

  /** Those of these claims that no longer belong to this worker. */
  Set<UUID> lost(Collection<TaskerClaim> claims) {
    return database.call(
        "check the ownership of steps",
        connection -> {
          try (var statement = database.prepare(connection, TaskerCompletionSql.lost())) {
            statement.setArray(
                1, SqlArrays.uuids(connection, claims.stream().map(TaskerClaim::step).toList()));
            statement.setArray(
                2,
                SqlArrays.uuids(connection, claims.stream().map(TaskerClaim::transition).toList()));
            return readTransitions(statement);
          }
        });
  }

  /** Records that a suspect's run begins; false if its claim is lost. */
  public boolean recordStart(TaskerClaim claim) {
    return database.call(
        "record the start of a step",
        connection -> {
          try (var statement = database.prepare(connection, TaskerCompletionSql.recordStart())) {
            statement.setObject(1, UUID.fromString(worker));
            statement.setObject(2, claim.transition());
            return statement.executeUpdate() == 1;
          }
        });
  }

  /** Steps that have ended are no suspects any more. */
  void forgetSuspects(Collection<UUID> steps) {
    database.call(
        "forget suspects",
        connection -> {
          try (var statement = database.prepare(connection, TaskerCompletionSql.forgetSuspects())) {
            statement.setArray(1, SqlArrays.uuids(connection, steps));
            return statement.execute();
          }
        });
  }

  /** Removes lost claims from the journal. */
  void removeFromJournal(Collection<UUID> transitions) {
    if (!journal || transitions.isEmpty()) {
      return;
    }
    database.call(
        "remove lost claims from the journal",
        connection -> {
          try (var statement =
              database.prepare(connection, TaskerCompletionSql.deleteLostClaims())) {
            statement.setArray(1, SqlArrays.uuids(connection, transitions));
            return statement.execute();
          }
        });
  }

  static Set<UUID> readTransitions(PreparedStatement statement) throws SQLException {
    try (var rows = statement.executeQuery()) {
      var transitions = new HashSet<UUID>();
      while (rows.next()) {
        transitions.add(rows.getObject(1, UUID.class));
      }
      return transitions;
    }
  }
}
