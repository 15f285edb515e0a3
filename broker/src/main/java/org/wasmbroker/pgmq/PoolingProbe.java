package org.wasmbroker.pgmq;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import org.postgresql.PGConnection;

/**
 * Looks for a pooler between two connections and their server, with statements that a pooler in any
 * mode can serve: it shares sessions if one connection is served by two server processes, or both
 * by the same one.
 *
 * <p>Which process a pooler chooses depends on what else goes through it: while others hold the
 * process that the first connection had, the second one gets another, and the two look like
 * sessions of their own. What was seen is therefore kept over several rounds. In each, the second
 * connection has a process to itself until its transaction ends, and then leaves it as the one that
 * was free last, which the first one gets next unless others take it; or the processes take turns,
 * and the first one gets two in a row.
 */
final class PoolingProbe {
  private static final int ROUNDS = 10;

  private final Database database;
  private final Connection first;
  private final Connection second;
  private final Set<Long> processesOfFirst = new HashSet<>();
  private final Set<Long> processesOfSecond = new HashSet<>();

  PoolingProbe(Database database, Connection first, Connection second) {
    this.database = database;
    this.first = first;
    this.second = second;
  }

  Pooling run() throws SQLException {
    for (int round = 0; round < ROUNDS; round++) {
      if (sharesSessions()) {
        return Pooling.SESSIONS_SHARED;
      }
    }
    // A pooler answers with a process of its own when a connection is opened.
    long announced = first.unwrap(PGConnection.class).getBackendPID();
    return processesOfFirst.contains(announced) ? Pooling.NONE : Pooling.SESSIONS_KEPT;
  }

  private boolean sharesSessions() throws SQLException {
    processesOfFirst.add(process(first));
    processesOfFirst.add(process(first)); // the next one where the processes take turns
    try {
      second.setAutoCommit(false);
      processesOfSecond.add(process(second));
      processesOfFirst.add(process(first));
      second.rollback();
      second.setAutoCommit(true);
    } catch (SQLException e) {
      if (SqlFailure.isOfPooler(e)) { // in statement mode it allows no transaction
        return true;
      }
      throw e;
    }
    return processesOfFirst.size() > 1
        || processesOfSecond.size() > 1
        || processesOfSecond.containsAll(processesOfFirst);
  }

  private long process(Connection connection) throws SQLException {
    try (var statement = database.prepare(connection, "select pg_backend_pid()");
        var rows = statement.executeQuery()) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
