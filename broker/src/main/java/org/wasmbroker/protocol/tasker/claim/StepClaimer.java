package org.wasmbroker.protocol.tasker.claim;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.SqlArrays;
import org.wasmbroker.protocol.tasker.TransitionTimestamp;

/** Claims steps, with one statement per queue. Thread-safe. */
public final class StepClaimer {
  private final Database database;
  private final UUID worker;
  private final boolean journal;
  private final Map<QueueName, String> claimSql = new HashMap<>();

  /**
   * The result of one claim.
   *
   * @param steps the claimed steps
   * @param messages how many messages were read
   * @param unreadable messages that are not step messages, as text
   */
  public record ClaimedBatch(List<ClaimedRow> steps, int messages, List<String> unreadable) {}

  /**
   * @param journal whether claims are recorded in the broker's own tables
   */
  public StepClaimer(Database database, UUID worker, boolean journal, List<QueueName> queues) {
    this.database = database;
    this.worker = worker;
    this.journal = journal;
    for (var queue : queues) {
      claimSql.put(queue, TaskerClaimSql.claim(queue, journal));
    }
  }

  /**
   * @param batch identifies this call, so that its steps can be found if the response is lost
   * @param withoutEvents the named tasks whose steps publish no domain events
   */
  public ClaimedBatch claim(QueueName queue, int maxMessages, UUID batch, Set<UUID> withoutEvents) {
    var sql = claimSql.get(queue);
    if (sql == null) {
      throw new IllegalArgumentException("queue " + queue + " is not served");
    }
    return database.call(
        "claim from queue " + queue,
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            statement.setInt(1, maxMessages);
            setCommonParameters(connection, statement, 2, batch, withoutEvents);
            return readBatch(statement);
          }
        });
  }

  /** The same for messages that were read from elsewhere: their ids and the steps they refer to. */
  public ClaimedBatch claim(Map<Long, UUID> messages, UUID batch, Set<UUID> withoutEvents) {
    var sql = TaskerClaimSql.claimMessages(journal);
    return database.call(
        "claim steps",
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            statement.setArray(1, SqlArrays.longs(connection, messages.keySet()));
            statement.setArray(2, SqlArrays.uuids(connection, messages.values()));
            setCommonParameters(connection, statement, 3, batch, withoutEvents);
            return readBatch(statement);
          }
        });
  }

  /**
   * Finds the steps of a call whose response was lost, as far as they still belong to this worker.
   */
  ClaimedBatch findBatch(UUID batch, Set<UUID> withoutEvents) {
    return database.call(
        "look for claimed steps",
        connection -> {
          try (var statement = database.prepare(connection, TaskerClaimSql.findBatch())) {
            statement.setObject(1, worker);
            statement.setObject(2, batch);
            statement.setArray(3, SqlArrays.uuids(connection, withoutEvents));
            return readBatch(statement);
          }
        });
  }

  private void setCommonParameters(
      Connection connection,
      PreparedStatement statement,
      int from,
      UUID batch,
      Set<UUID> withoutEvents)
      throws SQLException {
    int next = from;
    statement.setString(next++, startMetadata());
    if (journal) {
      statement.setObject(next++, worker);
      statement.setObject(next++, batch);
    }
    statement.setArray(next, SqlArrays.uuids(connection, withoutEvents));
  }

  /** The same metadata that Tasker's own workers write with a claim. */
  private static String startMetadata() {
    return "{\"event\":\"{\\\"type\\\":\\\"Start\\\"}\",\"timestamp\":\"%s\"}"
        .formatted(TransitionTimestamp.of(Instant.now()));
  }

  private static ClaimedBatch readBatch(PreparedStatement statement) throws SQLException {
    var steps = new ArrayList<ClaimedRow>();
    var unreadable = new ArrayList<String>();
    int messages = 0;
    try (var rows = statement.executeQuery()) {
      while (rows.next()) {
        switch (rows.getString(1)) {
          case "step" -> steps.add(ClaimedRow.read(rows));
          case "unreadable" -> unreadable.add(text(rows.getString(4)));
          default -> messages = rows.getInt(2);
        }
      }
    }
    steps.sort(Comparator.comparingLong(ClaimedRow::messageId));
    return new ClaimedBatch(steps, messages, unreadable);
  }

  private static String text(@Nullable String message) {
    return message == null ? "null" : message;
  }
}
