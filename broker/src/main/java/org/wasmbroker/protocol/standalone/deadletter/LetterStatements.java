package org.wasmbroker.protocol.standalone.deadletter;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.SqlArrays;

/** Runs statements on a queue of dead letters, each in a transaction of its own. */
final class LetterStatements {
  private final Database database;
  private final QueueName letters;

  LetterStatements(Database database, QueueName letters) {
    this.database = database;
    this.letters = letters;
  }

  @FunctionalInterface
  interface Parameters {
    void set(PreparedStatement statement) throws SQLException;
  }

  @FunctionalInterface
  interface Rows<T> {
    T read(ResultSet rows) throws SQLException;
  }

  /**
   * @param what is done with the queue, for the message of a failure
   */
  <T> T query(String what, String sql, Parameters parameters, Rows<T> reader) {
    return database.call(
        what + " queue " + letters, connection -> query(connection, sql, parameters, reader));
  }

  private <T> T query(Connection connection, String sql, Parameters parameters, Rows<T> reader)
      throws SQLException {
    try (var statement = database.prepare(connection, sql)) {
      parameters.set(statement);
      try (var rows = statement.executeQuery()) {
        return reader.read(rows);
      }
    }
  }

  static void setIds(PreparedStatement statement, int place, Collection<Long> ids)
      throws SQLException {
    statement.setArray(place, SqlArrays.longs(statement.getConnection(), ids));
  }

  static List<Long> readIds(ResultSet rows) throws SQLException {
    var ids = new ArrayList<Long>();
    while (rows.next()) {
      ids.add(rows.getLong(1));
    }
    return List.copyOf(ids);
  }
}
