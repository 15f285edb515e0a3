package org.wasmbroker.protocol.tasker;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueMessage;
import org.wasmbroker.pgmq.QueueName;

/**
 * Tasker's queues, where they are in a database of their own and no transaction spans both. Every
 * order of events is safe that reads a message before its step is claimed, archives it after, and
 * sends a result's message after the result is committed: what is read twice is claimed once, and
 * what is told twice changes nothing. Every method throws {@code SqlFailure}. Thread-safe.
 */
final class QueueDatabase {
  private static final String SEND =
      """
      select tasker.pgmq_send_with_notify('orchestration_step_results', message::jsonb, 0)
      from unnest(?::text[]) as result(message)
      """;

  private final Database database;
  private final Pgmq pgmq;

  /**
   * @param database where the queues are, and Tasker's functions on them
   */
  QueueDatabase(Database database) {
    this.database = database;
    this.pgmq = new Pgmq(database);
  }

  /** Takes visible messages, the oldest first, and hides them for a while. */
  List<QueueMessage> read(QueueName queue, int maxMessages, Duration visibility) {
    return pgmq.read(queue, visibility, maxMessages);
  }

  /** Messages that are not there any more are no failure. */
  void archive(QueueName queue, Collection<Long> messages) {
    pgmq.archive(queue, messages);
  }

  /** All or none. */
  void send(List<ResultMessage> messages) {
    database.call(
        "tell of results",
        connection -> {
          send(database, connection, messages);
          return messages;
        });
  }

  /** The same in a transaction of a database that has the queues, too. */
  static void send(Database database, Connection connection, List<ResultMessage> messages)
      throws SQLException {
    try (var statement = database.prepare(connection, SEND)) {
      statement.setArray(
          1, SqlArrays.texts(connection, messages.stream().map(ResultMessage::json).toList()));
      statement.execute();
    }
  }
}
