package org.wasmbroker.pgmq.upkeep;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;

/**
 * Removes old messages from the archive of a queue, in batches that are a transaction each, so that
 * nothing waits for it but other purges. Every method throws {@link
 * org.wasmbroker.pgmq.SqlFailure}.
 *
 * <p>A broker whose outcome was written, but that did not learn of it, looks for its message in the
 * archive. So nothing is removed that is younger than {@link #MIN_AGE}.
 */
public final class ArchivePurge {
  public static final Duration MIN_AGE = Duration.ofHours(1);

  private final Database database;
  private final QueueName queue;

  public ArchivePurge(Database database, QueueName queue) {
    this.database = database;
    this.queue = queue;
  }

  /** The moment before which messages are so old, by the database's clock. */
  public Instant before(Duration age) {
    if (age.compareTo(MIN_AGE) < 0) {
      throw new IllegalArgumentException(
          "only what is older than %s can be removed, was %s".formatted(MIN_AGE, age));
    }
    return query(
            "select clock_timestamp() - ? * interval '1 second'",
            statement -> statement.setLong(1, age.toSeconds()),
            OffsetDateTime.class)
        .toInstant();
  }

  /** How many messages were archived before then; counts no more than {@code max}. */
  public long count(Instant before, long max) {
    return query(
        """
        select count(*) from (select from %s where archived_at < ? limit ?) old
        """
            .formatted(queue.archive()),
        statement -> {
          setInstant(statement, 1, before);
          statement.setLong(2, max);
        },
        Long.class);
  }

  /** Removes up to {@code atMost} messages that were archived before then; returns how many. */
  public int delete(Instant before, int atMost) {
    var sql =
        """
        delete from %1$s
        where msg_id = any(array(
            select msg_id from %1$s where archived_at < ? order by archived_at limit ?))
          and archived_at < ?
        """
            .formatted(queue.archive());
    return database.call(
        "purge the archive of queue " + queue,
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            setInstant(statement, 1, before);
            statement.setInt(2, atMost);
            setInstant(statement, 3, before);
            return statement.executeUpdate();
          }
        });
  }

  /**
   * Partitions of the archive that have only messages from before then and that this role owns, so
   * that they can be dropped as a whole; for an archive that is partitioned by the time of
   * archiving. One that was attached from another schema is left to whoever did that.
   */
  public List<ArchivePartition> oldPartitions(Instant before) {
    var sql =
        """
        select partition.relname,
          case when inherits.inhdetachpending then 'FINISH'
            when parent.partdefid = 0 then 'CONCURRENTLY' else 'AT_ONCE' end,
          partition.bound[1]::timestamptz,
          pg_total_relation_size(partition.oid), greatest(partition.reltuples, 0)::bigint
        from pg_catalog.pg_inherits inherits
        join pg_catalog.pg_partitioned_table parent on parent.partrelid = inherits.inhparent
        join pg_catalog.pg_attribute key
          on key.attrelid = inherits.inhparent and key.attnum = parent.partattrs[0]
        cross join lateral (
          select oid, relname, relnamespace, relowner, reltuples,
            regexp_match(pg_get_expr(relpartbound, oid), 'TO \\(''([^'']+)''\\)') as bound
          from pg_catalog.pg_class
          where oid = inherits.inhrelid) partition
        where inherits.inhparent = to_regclass(?) and key.attname = 'archived_at'
          and parent.partstrat = 'r' and parent.partnatts = 1
          and pg_has_role(partition.relowner, 'usage')
          and partition.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = 'pgmq')
          and partition.bound is not null and partition.bound[1]::timestamptz <= ?
        order by 3
        """;
    return database.call(
        "look for partitions of the archive of queue " + queue,
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            statement.setString(1, queue.archive());
            setInstant(statement, 2, before);
            try (var rows = statement.executeQuery()) {
              var found = new ArrayList<ArchivePartition>();
              while (rows.next()) {
                found.add(
                    new ArchivePartition(
                        rows.getString(1),
                        ArchivePartition.Removal.valueOf(rows.getString(2)),
                        rows.getObject(3, OffsetDateTime.class).toInstant(),
                        rows.getLong(4),
                        rows.getLong(5)));
              }
              return List.copyOf(found);
            }
          }
        });
  }

  /**
   * Drops a partition. To do that, Postgres locks the whole archive for a moment, and every broker
   * that writes an outcome waits. So it is detached concurrently before, if that is possible, and
   * else not waited for.
   */
  public void drop(ArchivePartition partition) {
    var name = "pgmq.\"" + partition.name().replace("\"", "\"\"") + "\"";
    var drop = "drop table " + name;
    var detach = "alter table %s detach partition %s ".formatted(queue.archive(), name);
    var action =
        "drop the partition %s of the archive of queue %s".formatted(partition.name(), queue);
    switch (partition.removal()) {
      case CONCURRENTLY -> call(action, detach + "concurrently", drop);
      case FINISH -> call(action, detach + "finalize", drop);
      case AT_ONCE ->
          database.transaction(
              action,
              connection -> {
                execute(connection, "set local lock_timeout = '5s'");
                execute(connection, drop);
                return partition;
              });
    }
  }

  /** Statements that are a transaction each. */
  private void call(String action, String first, String second) {
    database.call(
        action,
        connection -> {
          execute(connection, first);
          execute(connection, second);
          return queue;
        });
  }

  private void execute(Connection connection, String sql) throws SQLException {
    try (var statement = database.prepare(connection, sql)) {
      statement.execute();
    }
  }

  @FunctionalInterface
  private interface Parameters {
    void set(PreparedStatement statement) throws SQLException;
  }

  private <T> T query(String sql, Parameters parameters, Class<T> type) {
    return database.call(
        "look at the archive of queue " + queue,
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            parameters.set(statement);
            try (var rows = statement.executeQuery()) {
              rows.next();
              return rows.getObject(1, type);
            }
          }
        });
  }

  private static void setInstant(PreparedStatement statement, int place, Instant instant)
      throws SQLException {
    statement.setObject(place, instant.atOffset(ZoneOffset.UTC));
  }
}
