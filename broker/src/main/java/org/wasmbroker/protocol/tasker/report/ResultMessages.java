package org.wasmbroker.protocol.tasker.report;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.SqlArrays;

/** Sends the messages that notify the orchestrator of results. */
public final class ResultMessages {
  private static final String SEND =
      """
      select tasker.pgmq_send_with_notify('orchestration_step_results', message::jsonb, 0)
      from unnest(?::text[]) as result(message)
      """;

  private ResultMessages() {}

  /** Sends all or none, in the caller's transaction. */
  public static void send(
      Database queueDatabase, Connection connection, List<ResultMessage> messages)
      throws SQLException {
    try (var statement = queueDatabase.prepare(connection, SEND)) {
      statement.setArray(
          1, SqlArrays.texts(connection, messages.stream().map(ResultMessage::json).toList()));
      statement.execute();
    }
  }
}
