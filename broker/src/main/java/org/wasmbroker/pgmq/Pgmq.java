package org.wasmbroker.pgmq;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/**
 * PGMQ's SQL functions, one method each. Every name is qualified, so the search path does not
 * matter. Every method throws {@link SqlFailure}. Thread-safe.
 */
public final class Pgmq {
  private final Database database;

  public Pgmq(Database database) {
    this.database = database;
  }

  /** The version of the extension in this database, if it is installed. */
  public Optional<String> installedVersion() {
    var sql =
        """
        select extversion from pg_catalog.pg_extension where extname = 'pgmq'
        """;
    return database.call(
        "look for PGMQ",
        connection -> {
          try (var statement = database.prepare(connection, sql);
              var rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
          }
        });
  }

  /** Whether PGMQ knows the queue. */
  public boolean exists(QueueName queue) {
    return database.call("look for queue " + queue, connection -> exists(connection, queue));
  }

  /** Creates the queue and its archive unless they exist; needs privileges only then. */
  public void createIfMissing(QueueName queue) {
    var sql =
        """
        select pgmq.create(?)
        """;
    database.transaction(
        "create queue " + queue,
        connection -> {
          if (!exists(connection, queue)) {
            execute(connection, sql, queue.value());
          }
          return queue;
        });
  }

  private boolean exists(Connection connection, QueueName queue) throws SQLException {
    var sql =
        """
        select 1 from pgmq.meta where queue_name = ?
        """;
    try (var statement = database.prepare(connection, sql)) {
      statement.setString(1, queue.value());
      try (var rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  /**
   * Ensures that inserts into the queue are notified, at most once per interval. An interval that
   * is already configured is kept. PGMQ stores it in an unlogged table, which a crash of the server
   * empties: then there are no notifications until it is set again, so listeners call this whenever
   * they connect. Setting it again is an insert, so that a role need not own the queue: PGMQ's own
   * function would drop and create the trigger, which only the owner may.
   *
   * @return the interval in force
   */
  public Duration ensureNotifications(QueueName queue, Duration interval) {
    return database.transaction(
        "enable the notifications of queue " + queue,
        connection -> {
          if (!hasNotificationTrigger(connection, queue)) {
            lockQueue(connection, queue);
            if (!hasNotificationTrigger(connection, queue)) {
              enableNotifications(connection, queue, interval);
            }
          }
          var found = notificationInterval(connection, queue);
          if (found == null) {
            insertNotificationInterval(connection, queue, interval);
            found = notificationInterval(connection, queue);
          }
          return found == null ? interval : found;
        });
  }

  /** Whether inserts into the queue fire PGMQ's notification trigger. */
  public boolean hasNotificationTrigger(QueueName queue) {
    return database.call(
        "look for the notifications of queue " + queue,
        connection -> hasNotificationTrigger(connection, queue));
  }

  /** The statement with which a queue's owner enables its notifications. */
  public static String enableNotificationsSql(QueueName queue, Duration interval) {
    return "select pgmq.enable_notify_insert('%s', %d)".formatted(queue, interval.toMillis());
  }

  /**
   * Prevents others from creating or changing this queue through PGMQ until the transaction ends.
   */
  private void lockQueue(Connection connection, QueueName queue) throws SQLException {
    var sql =
        """
        select pgmq.acquire_queue_lock(?)
        """;
    execute(connection, sql, queue.value());
  }

  private boolean hasNotificationTrigger(Connection connection, QueueName queue)
      throws SQLException {
    var sql =
        """
        select exists (
          select from pg_catalog.pg_trigger
          where tgname = 'trigger_notify_queue_insert_listeners' and tgrelid = to_regclass(?))
        """;
    try (var statement = database.prepare(connection, sql)) {
      statement.setString(1, queue.table());
      try (var rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  private @Nullable Duration notificationInterval(Connection connection, QueueName queue)
      throws SQLException {
    var sql =
        """
        select throttle_interval_ms from pgmq.notify_insert_throttle where queue_name = ?
        """;
    try (var statement = database.prepare(connection, sql)) {
      statement.setString(1, queue.value());
      try (var rows = statement.executeQuery()) {
        return rows.next() ? Duration.ofMillis(rows.getInt(1)) : null;
      }
    }
  }

  /** Another worker may have inserted it meanwhile. */
  private void insertNotificationInterval(Connection connection, QueueName queue, Duration interval)
      throws SQLException {
    var sql =
        """
        insert into pgmq.notify_insert_throttle (queue_name, throttle_interval_ms)
        values (?, ?)
        on conflict do nothing
        """;
    executeWithInterval(connection, sql, queue, interval);
  }

  private void enableNotifications(Connection connection, QueueName queue, Duration interval)
      throws SQLException {
    var sql =
        """
        select pgmq.enable_notify_insert(?, ?)
        """;
    executeWithInterval(connection, sql, queue, interval);
  }

  private void executeWithInterval(
      Connection connection, String sql, QueueName queue, Duration interval) throws SQLException {
    try (var statement = database.prepare(connection, sql)) {
      statement.setString(1, queue.value());
      statement.setInt(2, Math.toIntExact(interval.toMillis()));
      statement.execute();
    }
  }

  /**
   * Sends messages in one transaction.
   *
   * @param messages their JSON
   * @param headers as many headers as messages, each JSON or null; or none at all
   * @return the ids, in order
   */
  public List<Long> sendBatch(
      QueueName queue, List<String> messages, List<? extends @Nullable String> headers) {
    if (messages.isEmpty()) {
      return List.of();
    }
    var sql =
        """
        select * from pgmq.send_batch(?, ?::text[]::jsonb[], ?::text[]::jsonb[])
        """;
    return database.call(
        "send to queue " + queue,
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            statement.setString(1, queue.value());
            statement.setArray(2, SqlArrays.texts(connection, messages));
            statement.setArray(3, headers.isEmpty() ? null : SqlArrays.texts(connection, headers));
            return readIds(statement);
          }
        });
  }

  /**
   * Reads visible messages, oldest first, and hides them from others.
   *
   * @param visibility for how long; rounded up to the whole seconds that PGMQ supports
   */
  public List<QueueMessage> read(QueueName queue, Duration visibility, int maxMessages) {
    var sql =
        """
        select msg_id, read_ct, enqueued_at, message, headers from pgmq.read(?::text, ?::int, ?::int)
        """;
    return database.call(
        "read from queue " + queue,
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            statement.setString(1, queue.value());
            statement.setLong(2, visibility.plusMillis(999).toSeconds());
            statement.setInt(3, maxMessages);
            return readMessages(statement);
          }
        });
  }

  /** Moves messages to the queue's archive; those that are not in the queue are ignored. */
  public void archive(QueueName queue, Collection<Long> messages) {
    var sql =
        """
        select pgmq.archive(?::text, ?::bigint[])
        """;
    database.call(
        "archive messages of queue " + queue,
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            statement.setString(1, queue.value());
            statement.setArray(2, SqlArrays.longs(connection, messages));
            return statement.execute();
          }
        });
  }

  /** The messages after an id, in order of id; they stay on the queue as they are. */
  public List<QueueMessage> peek(QueueName queue, long afterId, int maxMessages) {
    return peek(queue, afterId, List.of(), maxMessages);
  }

  /** The messages after an id, and those with one of the other ids, in order of id. */
  List<QueueMessage> peek(QueueName queue, long afterId, List<Long> otherIds, int maxMessages) {
    var sql =
        """
        select msg_id, read_ct, enqueued_at, message, headers from %s
        where msg_id > ? or msg_id = any (?) order by msg_id limit ?
        """
            .formatted(queue.table());
    return database.call(
        "read queue " + queue,
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            statement.setLong(1, afterId);
            statement.setArray(2, connection.createArrayOf("bigint", otherIds.toArray()));
            statement.setInt(3, maxMessages);
            return readMessages(statement);
          }
        });
  }

  /**
   * The transactions of the server at a moment.
   *
   * @param oldest the lowest id of those that run, or {@code next} if none does
   * @param next the lowest id that was not assigned yet
   */
  record Transactions(long oldest, long next) {}

  Transactions runningTransactions() {
    var sql =
        """
        select pg_snapshot_xmin(now)::text::bigint, pg_snapshot_xmax(now)::text::bigint
        from pg_current_snapshot() now
        """;
    return database.call(
        "look at the running transactions",
        connection -> {
          try (var statement = database.prepare(connection, sql);
              var rows = statement.executeQuery()) {
            rows.next();
            return new Transactions(rows.getLong(1), rows.getLong(2));
          }
        });
  }

  private void execute(Connection connection, String sql, String parameter) throws SQLException {
    try (var statement = database.prepare(connection, sql)) {
      statement.setString(1, parameter);
      statement.execute();
    }
  }

  private static List<Long> readIds(PreparedStatement statement) throws SQLException {
    try (var rows = statement.executeQuery()) {
      var ids = new ArrayList<Long>();
      while (rows.next()) {
        ids.add(rows.getLong(1));
      }
      return List.copyOf(ids);
    }
  }

  private static List<QueueMessage> readMessages(PreparedStatement statement) throws SQLException {
    try (var rows = statement.executeQuery()) {
      var messages = new ArrayList<QueueMessage>();
      while (rows.next()) {
        messages.add(
            new QueueMessage(
                rows.getLong(1),
                rows.getInt(2),
                rows.getObject(3, OffsetDateTime.class).toInstant(),
                json(rows, 4),
                json(rows, 5)));
      }
      messages.sort(Comparator.comparingLong(QueueMessage::id));
      return List.copyOf(messages);
    }
  }

  static @Nullable Document json(ResultSet rows, int column) throws SQLException {
    var bytes = rows.getBytes(column); // as they came; the connection's encoding is UTF-8
    return bytes == null ? null : Document.of(bytes);
  }
}
