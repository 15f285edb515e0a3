package org.wasmbroker.pgmq;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Measures queues and their tables, at a bounded cost: messages are counted up to a limit, by
 * indexes, all else is what Postgres knows anyway; and no statement takes longer than the timeout.
 * Needs no more rights than a worker has.
 */
public final class QueueInspector implements QueueMeasurements {
  /** Counting stops after so many messages. */
  public static final int COUNTED = 100_000;

  private final Database database;
  private final Duration timeout;

  /**
   * @param timeout of each statement
   */
  public QueueInspector(Database database, Duration timeout) {
    this.database = database;
    this.timeout = timeout;
  }

  /**
   * The oldest ones are found at the beginning of an index, so that it takes longer only where dead
   * rows pile up there.
   */
  @Override
  public QueueState queue(QueueName queue, double estimate) {
    var sql =
        """
        select
          (select count(*) from (select from %1$s limit %2$d) counted),
          (select count(*) from
            (select from %1$s where vt > now() and %3$s limit %2$d) counted),
          (select count(*) from
            (select from %1$s where vt > now() and not (%3$s) limit %2$d) counted),
          (select extract(epoch from now() - enqueued_at) from %1$s order by msg_id limit 1),
          (select extract(epoch from now() - min(vt)) from %1$s where vt <= now())
        """
            .formatted(queue.table(), COUNTED + 1, isRead(queue));
    return measure(
        "count the messages of queue " + queue,
        sql,
        rows -> {
          rows.next();
          double counted = rows.getDouble(1);
          return new QueueState(
              counted > COUNTED && estimate > counted ? estimate : counted,
              rows.getDouble(2),
              rows.getDouble(3),
              Math.max(0, rows.getDouble(4)),
              Math.max(0, rows.getDouble(5)));
        });
  }

  /**
   * The condition for a message that somebody has read and not given back. A PGMQ before 1.10 does
   * not say when: there it is one that was ever read.
   */
  private String isRead(QueueName queue) {
    var sql =
        """
        select exists (
          select from pg_catalog.pg_attribute attribute
          join pg_catalog.pg_class class on class.oid = attribute.attrelid
          join pg_catalog.pg_namespace space on space.oid = class.relnamespace
          where space.nspname = 'pgmq' and class.relname = 'q_' || (?::text[])[1]
            and attribute.attname = 'last_read_at')
        """;
    boolean hasTime =
        measure(
            "look at the columns of queue " + queue,
            sql,
            new String[] {queue.value()},
            rows -> rows.next() && rows.getBoolean(1));
    return hasTime ? "last_read_at is not null" : "read_ct > 0";
  }

  @Override
  public Map<String, TableState> tables(Collection<String> names) {
    var sql =
        """
        with recursive part (root, id) as (
          select class.relname, class.oid
          from pg_catalog.pg_class class
          join pg_catalog.pg_namespace space on space.oid = class.relnamespace
          where space.nspname = 'pgmq' and class.relname = any (?::text[])
          union all
          select part.root, child.inhrelid
          from part join pg_catalog.pg_inherits child on child.inhparent = part.id),
        known as (
          select part.root, class.relkind, class.reltuples,
            pg_table_size(part.id) size, pg_indexes_size(part.id) index_size,
            pg_stat_get_live_tuples(part.id) live, pg_stat_get_dead_tuples(part.id) dead,
            greatest(pg_stat_get_last_vacuum_time(part.id),
              pg_stat_get_last_autovacuum_time(part.id)) vacuumed
          from part join pg_catalog.pg_class class on class.oid = part.id)
        select root, sum(size), sum(index_size),
          sum(case when live > 0 or size = 0 then live
            when reltuples >= 0 then reltuples else 'nan'::float8 end),
          sum(dead),
          extract(epoch from now() - min(vacuumed))
        from known where relkind = 'r' group by root
        """;
    return measure(
        "look at the tables of queues",
        sql,
        names.toArray(String[]::new),
        rows -> {
          var found = new HashMap<String, TableState>();
          while (rows.next()) {
            found.put(
                rows.getString(1),
                new TableState(
                    number(rows, 2),
                    number(rows, 3),
                    number(rows, 4),
                    number(rows, 5),
                    number(rows, 6)));
          }
          return Map.copyOf(found);
        });
  }

  @Override
  public HorizonState horizon() {
    var sql =
        """
        with now as (select pg_current_snapshot() snapshot)
        select
          case when pg_has_role('pg_read_all_stats', 'usage') then (
            select coalesce(extract(epoch from clock_timestamp() - min(began)), 0) from (
              select xact_start from pg_catalog.pg_stat_activity
              where datname = current_database() and pid <> pg_backend_pid()
                and backend_type = 'client backend'
              union all
              select prepared from pg_catalog.pg_prepared_xacts
              where database = current_database()) transactions (began))
          end,
          greatest(
            (select pg_snapshot_xmax(snapshot)::text::bigint
              - pg_snapshot_xmin(snapshot)::text::bigint from now),
            (select max(age(backend_xmin))::bigint from pg_catalog.pg_stat_activity
              where pid <> pg_backend_pid()),
            (select max(age(transaction))::bigint from pg_catalog.pg_prepared_xacts),
            (select max(greatest(age(xmin), age(catalog_xmin)))::bigint
              from pg_catalog.pg_replication_slots))
        """;
    return measure(
        "look at the oldest transaction",
        sql,
        rows -> {
          rows.next();
          return new HorizonState(number(rows, 1), number(rows, 2));
        });
  }

  @FunctionalInterface
  private interface Reader<T> {
    T read(ResultSet rows) throws SQLException;
  }

  private <T> T measure(String action, String sql, Reader<T> reader) {
    return database.transaction(
        action,
        connection -> {
          limitTime(connection);
          try (var statement = connection.prepareStatement(sql);
              var rows = statement.executeQuery()) {
            return reader.read(rows);
          }
        });
  }

  private <T> T measure(String action, String sql, String[] texts, Reader<T> reader) {
    return database.transaction(
        action,
        connection -> {
          limitTime(connection);
          try (var statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("text", texts));
            try (var rows = statement.executeQuery()) {
              return reader.read(rows);
            }
          }
        });
  }

  /** By the server, so that it holds even where no cancellation arrives; for this transaction. */
  private void limitTime(Connection connection) throws SQLException {
    try (var statement =
        connection.prepareStatement("select set_config('statement_timeout', ?, true)")) {
      statement.setString(1, Long.toString(timeout.toMillis()));
      statement.execute();
    }
  }

  private static double number(ResultSet rows, int column) throws SQLException {
    double value = rows.getDouble(column);
    return rows.wasNull() ? Double.NaN : value;
  }
}
