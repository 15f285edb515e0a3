package org.wasmbroker.protocol.tasker;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.SetupProblem;

/**
 * The broker's own tables in Tasker's database, schema {@code wasm_broker}: created and changed by
 * Flyway, from the files beside this class. Nothing of Tasker's is touched.
 */
public final class BrokerSchema {
  static final String NAME = "wasm_broker";
  static final String HISTORY = "schema_history";

  private static final Logger log = LoggerFactory.getLogger(BrokerSchema.class);

  /** Brokers that start together change the schema one after another: any number, always this. */
  private static final long LOCK = 0x7761736d_62726f6bL;

  /** What the broker does with its tables, besides creating them. */
  private static final String RIGHTS =
      """
      with own as (select oid from pg_catalog.pg_namespace where nspname = 'wasm_broker')
      select quote_ident(current_user),
        coalesce((select has_schema_privilege(oid, 'usage') from own), true)
        and not exists (
          select
          from own
          join pg_catalog.pg_class kept on kept.relnamespace = own.oid and kept.relkind = 'r'
          cross join lateral unnest(
            case kept.relname when 'schema_history' then '{select}'::text[]
              else '{select,insert,update,delete}' end) needed(privilege)
          where not has_table_privilege(kept.oid, needed.privilege))
      """;

  private final Database database;
  private final Flyway flyway;

  public BrokerSchema(Database database) {
    this.database = database;
    this.flyway =
        Flyway.configure(BrokerSchema.class.getClassLoader())
            .dataSource(new DatabaseSource(database))
            .defaultSchema(NAME)
            .table(HISTORY)
            .locations("classpath:" + SchemaScript.LOCATION)
            .validateMigrationNaming(true)
            .failOnMissingLocations(true)
            .loggers("slf4j")
            .load();
  }

  private record Rights(String role, boolean complete) {}

  /**
   * Creates what is missing. Where nothing is, nothing is run, and the role needs no right to
   * create.
   *
   * @throws ProtocolException when the database cannot be reached or refuses; where the role lacks
   *     rights, with the SQL that somebody else has to run
   */
  public void migrate() {
    var rights = asked("look at the schema " + NAME, this::rights);
    if (!rights.complete()) {
      throw refused(rights.role(), List.of(), null);
    }
    var pending = asked("look at the schema " + NAME, _ -> pending());
    if (pending.isEmpty()) {
      return;
    }
    try {
      inTurn("create the schema " + NAME);
    } catch (SqlFailure failure) {
      throw isRefusal(failure)
          ? refused(rights.role(), pending, failure)
          : failed(failure, failure.isTransient());
    } catch (FlywayException failure) {
      throw failed(failure, false);
    }
  }

  /** What keeps the broker from using its tables; changes nothing. */
  public List<SetupProblem> obstacles() {
    var rights = asked("look at the schema " + NAME, this::rights);
    if (!rights.complete()) {
      return List.of(
          new SetupProblem(
              "the role %s lacks rights on the schema %s".formatted(rights.role(), NAME),
              byHand(rights.role(), List.of())));
    }
    var pending = asked("look at the schema " + NAME, _ -> pending());
    if (!pending.isEmpty()) {
      return List.of(
          new SetupProblem(
              "the schema %s lacks %s".formatted(NAME, scripts(pending)),
              "start a broker whose role may create it; or " + byHand(rights.role(), pending)));
    }
    var validated = asked("look at the schema " + NAME, _ -> flyway.validateWithResult());
    if (!validated.validationSuccessful) {
      return List.of(
          new SetupProblem(
              "the schema %s is not what this broker's releases create: %s"
                  .formatted(NAME, validated.getAllErrorMessages()),
              "drop it while no broker runs, and it is made anew"));
    }
    return List.of();
  }

  private List<MigrationInfo> pending() {
    return Arrays.asList(flyway.info().pending());
  }

  /** One broker at a time; those that waited find nothing left to do. */
  private void inTurn(String doing) {
    var done =
        database.transaction(
            doing,
            connection -> {
              lock(connection);
              return asSql(flyway::migrate);
            });
    if (done.migrationsExecuted > 0) {
      log.atInfo()
          .addKeyValue("schema", NAME)
          .addKeyValue("version", done.targetSchemaVersion)
          .log("the broker's own tables were created or changed");
    }
  }

  private void lock(Connection connection) throws SQLException {
    try (var statement = database.prepare(connection, "select pg_advisory_xact_lock(?)")) {
      statement.setLong(1, LOCK);
      statement.execute();
    }
  }

  private Rights rights(Connection connection) throws SQLException {
    try (var statement = database.prepare(connection, RIGHTS);
        var rows = statement.executeQuery()) {
      rows.next();
      return new Rights(rows.getString(1), rows.getBoolean(2));
    }
  }

  private <T> T asked(String doing, Database.Work<T> work) {
    try {
      return database.call(doing, connection -> asSql(() -> work.on(connection)));
    } catch (SqlFailure failure) {
      throw failed(failure, failure.isTransient());
    } catch (FlywayException failure) {
      throw failed(failure, false);
    }
  }

  private interface SqlWork<T> {
    T run() throws SQLException;
  }

  /** Flyway wraps what the database said; what that means is known elsewhere. */
  private static <T> T asSql(SqlWork<T> work) throws SQLException {
    try {
      return work.run();
    } catch (FlywayException failure) {
      for (Throwable at = failure.getCause(); at != null; at = at.getCause()) {
        if (at instanceof SQLException said) {
          throw said;
        }
      }
      throw failure;
    }
  }

  private static boolean isRefusal(SqlFailure failure) {
    return failure.getCause() instanceof SQLException said && "42501".equals(said.getSQLState());
  }

  private static ProtocolException refused(
      String role, List<MigrationInfo> pending, @Nullable SqlFailure cause) {
    return new ProtocolException(
        "the role %s lacks rights on the schema %s: %s"
            .formatted(role, NAME, byHand(role, pending)),
        false,
        cause);
  }

  private static String byHand(String role, List<MigrationInfo> pending) {
    return """
        switch recovery off (tasker.recovery.enabled), or let an owner of the database run once
        %s"""
        .formatted(SchemaScript.of(pending, role));
  }

  private static ProtocolException failed(RuntimeException cause, boolean transientFailure) {
    var words = cause.getMessage();
    return new ProtocolException(
        words == null ? "the schema " + NAME + " could not be used" : words,
        transientFailure,
        cause);
  }

  private static String scripts(List<MigrationInfo> pending) {
    return String.join(", ", pending.stream().map(MigrationInfo::getScript).toList());
  }
}
