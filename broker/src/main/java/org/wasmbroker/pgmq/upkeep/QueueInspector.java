package org.wasmbroker.pgmq.upkeep;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.upkeep.QueueStatistics.TableStatistics;

/**
 * Looks at queues and changes nothing. Counting reads the whole queue, but not the archive. Every
 * method throws {@link org.wasmbroker.pgmq.SqlFailure}.
 */
public final class QueueInspector {
  private final Database database;

  public QueueInspector(Database database) {
    this.database = database;
  }

  /** The queue now; empty if it does not exist. */
  public Optional<QueueStatistics> inspect(QueueName queue) {
    return new Pgmq(database).exists(queue)
        ? Optional.of(
            database.call("inspect queue " + queue, connection -> inspect(connection, queue)))
        : Optional.empty();
  }

  private QueueStatistics inspect(Connection connection, QueueName queue) throws SQLException {
    var messages = table(connection, queue.table());
    var archive = table(connection, queue.archive());
    // What was ever sent is read in the same statement, so that it fits the count of messages.
    var sql =
        """
        select clock_timestamp(),
          (select case when is_called then last_value else 0 end from %2$s),
          count(*),
          count(*) filter (where vt <= clock_timestamp()),
          count(*) filter (where vt > clock_timestamp() and %3$s),
          count(*) filter (where vt > clock_timestamp() and not (%3$s)),
          coalesce(extract(epoch from clock_timestamp() - min(enqueued_at)), 0),
          coalesce(extract(epoch from clock_timestamp()
            - min(greatest(vt, enqueued_at)) filter (where vt <= clock_timestamp())), 0)
        from %1$s
        """
            .formatted(
                queue.table(), queue.table() + "_msg_id_seq", claimed(connection, queue.table()));
    try (var statement = database.prepare(connection, sql);
        var rows = statement.executeQuery()) {
      rows.next();
      return new QueueStatistics(
          queue,
          rows.getObject(1, OffsetDateTime.class).toInstant(),
          rows.getLong(2),
          rows.getLong(3),
          rows.getLong(4),
          rows.getLong(5),
          rows.getLong(6),
          seconds(rows, 7),
          seconds(rows, 8),
          messages,
          archive);
    }
  }

  /**
   * The condition for a message that somebody has read and not given back. A PGMQ before 1.10, as
   * Tasker's queues may have, does not say when: there it is one that was ever read.
   */
  private String claimed(Connection connection, String table) throws SQLException {
    var sql =
        """
        select exists (
          select from pg_catalog.pg_attribute
          where attrelid = to_regclass(?) and attname = 'last_read_at' and not attisdropped)
        """;
    try (var statement = database.prepare(connection, sql)) {
      statement.setString(1, table);
      try (var rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1) ? "last_read_at is not null" : "read_ct > 0";
      }
    }
  }

  /** A table is its own only leaf, if it has no partitions. */
  private TableStatistics table(Connection connection, String table) throws SQLException {
    var sql =
        """
        with leaf as (
          select relid from pg_partition_tree(to_regclass(?)) where isleaf
          union
          select to_regclass(?)::oid where not exists (select from pg_partition_tree(to_regclass(?))))
        select
          coalesce(sum(case when statistics.n_live_tup > 0 then statistics.n_live_tup
            else greatest(relation.reltuples, 0) end), 0)::bigint,
          coalesce(sum(statistics.n_dead_tup), 0)::bigint,
          coalesce(sum(pg_total_relation_size(relation.oid)), 0)::bigint,
          max(greatest(statistics.last_vacuum, statistics.last_autovacuum)),
          count(*) filter (where relation.relispartition)
        from leaf
        join pg_catalog.pg_class relation on relation.oid = leaf.relid
        left join pg_catalog.pg_stat_all_tables statistics on statistics.relid = leaf.relid
        """;
    try (var statement = database.prepare(connection, sql)) {
      statement.setString(1, table);
      statement.setString(2, table);
      statement.setString(3, table);
      try (var rows = statement.executeQuery()) {
        rows.next();
        return new TableStatistics(
            rows.getLong(1),
            rows.getLong(2),
            rows.getLong(3),
            instant(rows.getObject(4, OffsetDateTime.class)),
            rows.getInt(5));
      }
    }
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }

  private static Duration seconds(ResultSet rows, int column) throws SQLException {
    return Duration.ofMillis(Math.max(0, (long) (rows.getDouble(column) * 1000)));
  }
}
