package org.wasmbroker.pgmq;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Inspects a database without changing it. Every method throws {@link SqlFailure}. */
public final class ServerInspector {
  private static final int CLOCK_SAMPLES = 5;

  private final Database database;

  public ServerInspector(Database database) {
    this.database = database;
  }

  private record Clock(Duration ahead, Duration uncertainty) {}

  public ServerInfo inspect() {
    return database.call(
        "inspect the database",
        connection -> {
          var clock = clock(connection);
          return inspect(connection, clock);
        });
  }

  private ServerInfo inspect(Connection connection, Clock clock) throws SQLException {
    var sql =
        """
        select current_setting('server_version'), current_setting('server_version_num')::int,
          current_user,
          pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool,
          current_setting('search_path'), current_setting('TimeZone'),
          (select extversion from pg_catalog.pg_extension where extname = 'pgmq'),
          exists (
            select from pg_catalog.pg_proc
            where proname in ('uuidv7', 'uuid_generate_v7') and pronargs = 0)
        """;
    try (var statement = database.prepare(connection, sql);
        var rows = statement.executeQuery()) {
      rows.next();
      return new ServerInfo(
          rows.getString(1).split(" ", 2)[0],
          rows.getInt(2),
          rows.getString(3),
          rows.getBoolean(4),
          clock.ahead(),
          clock.uncertainty(),
          rows.getString(5),
          rows.getString(6),
          Optional.ofNullable(rows.getString(7)),
          rows.getBoolean(8));
    }
  }

  /**
   * The server's clock, assumed to be read halfway through a round trip; the shortest round trip is
   * the most accurate.
   */
  private Clock clock(Connection connection) throws SQLException {
    var best = new TreeMap<Long, Duration>();
    try (var statement = database.prepare(connection, "select clock_timestamp()")) {
      for (int i = 0; i < CLOCK_SAMPLES; i++) {
        var before = Instant.now();
        long began = System.nanoTime();
        var server = time(statement);
        long took = System.nanoTime() - began;
        best.put(took, Duration.between(before.plusNanos(took / 2), server));
      }
    }
    var first = best.firstEntry();
    return new Clock(first.getValue(), Duration.ofNanos(first.getKey() / 2));
  }

  private static Instant time(PreparedStatement statement) throws SQLException {
    try (var rows = statement.executeQuery()) {
      rows.next();
      return rows.getObject(1, OffsetDateTime.class).toInstant();
    }
  }

  /** See {@link PoolingProbe}. */
  public Pooling pooling() {
    try (var first = database.connectWithoutPreparing();
        var second = database.connectWithoutPreparing()) {
      return new PoolingProbe(database, first, second).run();
    } catch (SQLException e) {
      throw SqlFailure.of("reach the database " + database.address(), e);
    }
  }

  /**
   * Whether the role may create objects in the schema, or the schema itself if it does not exist.
   */
  public boolean canCreateIn(String schema) {
    var sql =
        """
        select coalesce(
          (select has_schema_privilege(oid, 'create')
           from pg_catalog.pg_namespace where nspname = ?),
          has_database_privilege(current_database(), 'create'))
        """;
    return database.call(
        "look up the role's privileges",
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            statement.setString(1, schema);
            try (var rows = statement.executeQuery()) {
              return rows.next() && rows.getBoolean(1);
            }
          }
        });
  }

  /** Whether the role may do what only the owner of this table may. */
  public boolean owns(String schema, String table) {
    var sql =
        """
        select pg_has_role(relation.relowner, 'usage')
        from pg_catalog.pg_class relation
        join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
        where namespace.nspname = ? and relation.relname = ?
        """;
    return database.call(
        "look up the role's privileges",
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            statement.setString(1, schema);
            statement.setString(2, table);
            try (var rows = statement.executeQuery()) {
              return rows.next() && rows.getBoolean(1);
            }
          }
        });
  }

  /** Those of the privileges that the role lacks; objects that do not exist are ignored. */
  public List<Privilege> missing(List<Privilege> needed) {
    var sql =
        """
        with needed as (
          select * from unnest(?::text[], ?::text[], ?::text[], ?::text[])
            with ordinality as needed(kind, schema, object, privilege, place))
        select needed.kind, needed.schema, needed.object, needed.privilege
        from needed
        join pg_catalog.pg_namespace namespace on namespace.nspname = needed.schema
        left join pg_catalog.pg_class relation
          on relation.relnamespace = namespace.oid and relation.relname = needed.object
            and needed.kind <> 'SCHEMA'
        where case needed.kind
          when 'SCHEMA' then not has_schema_privilege(namespace.oid, needed.privilege)
          when 'SEQUENCE' then not has_sequence_privilege(relation.oid, needed.privilege)
          else not has_table_privilege(relation.oid, needed.privilege) end
        order by needed.place
        """;
    return database.call(
        "look up the role's privileges",
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            var kinds = needed.stream().map(privilege -> privilege.kind().name()).toList();
            statement.setArray(1, SqlArrays.texts(connection, kinds));
            statement.setArray(
                2, SqlArrays.texts(connection, needed.stream().map(Privilege::schema).toList()));
            statement.setArray(
                3, SqlArrays.texts(connection, needed.stream().map(Privilege::object).toList()));
            statement.setArray(
                4, SqlArrays.texts(connection, needed.stream().map(Privilege::name).toList()));
            try (var rows = statement.executeQuery()) {
              return privileges(rows);
            }
          }
        });
  }

  private static List<Privilege> privileges(ResultSet rows) throws SQLException {
    var found = new ArrayList<Privilege>();
    while (rows.next()) {
      found.add(
          new Privilege(
              Privilege.Kind.valueOf(rows.getString(1)),
              rows.getString(2),
              rows.getString(3),
              rows.getString(4)));
    }
    return found;
  }
}
