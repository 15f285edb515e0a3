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
 * Writes the ends of attempts (Tasker's protocol of completion: transition, audit by trigger,
 * results, message), all of a call in one transaction. Thread-safe.
 */
public final class CompletionWriter {
  private final Database database;
  private final String worker;
  private final boolean journal;
  private final String completeSql;

  /**
   * @param journal whether claims are in the broker's own tables
   * @param send whether the queues are in this database, so that the message goes along
   */
  public CompletionWriter(Database database, UUID worker, boolean journal, boolean send) {
    this.database = database;
    this.worker = worker.toString();
    this.journal = journal;
    this.completeSql = TaskerCompletionSql.complete(journal, send);
  }

  /** Writes them in a transaction of their own; answers the transitions of those still held. */
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
          6, SqlArrays.texts(connection, completions.stream().map(Completion::result).toList()));
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
   * Of these, the transitions of those that this worker has written before, word by word, in a call
   * whose answer was lost. A claim that ended in another way is lost.
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
                SqlArrays.texts(connection, completions.stream().map(Completion::result).toList()));
            statement.setString(4, worker);
            return readTransitions(statement);
          }
        });
  }

  /** Of these claims, those that are this worker's no more. */
  Set<UUID> lost(Collection<TaskerClaim> claims) {
    return database.call(
        "look after steps",
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

  /** Takes lost claims out of the journal. */
  void removeFromJournal(Collection<UUID> transitions) {
    if (!journal || transitions.isEmpty()) {
      return;
    }
    database.call(
        "forget lost claims",
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
