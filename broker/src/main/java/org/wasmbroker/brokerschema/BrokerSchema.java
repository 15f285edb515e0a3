package org.wasmbroker.brokerschema;

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
import org.wasmbroker.protocol.ProtocolCalls;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.SetupProblem;
import org.wasmbroker.step.WireName;

/**
 * One part of the broker's own tables, schema {@code wasm_broker}, created and migrated by Flyway
 * from the files next to this class. Nothing outside of this schema is changed.
 */
public final class BrokerSchema {
  public static final String NAME = "wasm_broker";

  private static final Logger log = LoggerFactory.getLogger(BrokerSchema.class);

  /**
   * Serializes the migrations of brokers that start together: an arbitrary number, always the same.
   */
  private static final long LOCK = 0x7761736d_62726f6bL;

  /** The privileges that the broker needs on its tables, besides creating them. */
  private static final String RIGHTS =
      """
      with own as (select oid from pg_catalog.pg_namespace where nspname = 'wasm_broker')
      select quote_ident(current_user),
        coalesce((select has_schema_privilege(oid, 'usage') from own), true)
        and not exists (
          select
          from own
          join pg_catalog.pg_class kept on kept.relnamespace = own.oid and kept.relkind = 'r'
            and (kept.relname = ? or kept.relname = any(?))
          cross join lateral unnest(
            case kept.relname when ? then '{select}'::text[]
              else '{select,insert,update,delete}' end) needed(privilege)
          where not has_table_privilege(kept.oid, needed.privilege)),
        exists (
          select
          from own join pg_catalog.pg_class kept on kept.relnamespace = own.oid
          where kept.relname = ?)
      """;

  private final Database database;
  private final SchemaPart part;
  private final Flyway flyway;

  public BrokerSchema(Database database, SchemaPart part) {
    this.database = database;
    this.part = part;
    this.flyway =
        Flyway.configure(BrokerSchema.class.getClassLoader())
            .dataSource(new UnpooledDataSource(database))
            .defaultSchema(NAME)
            .table(part.history())
            .locations("classpath:" + part.location())
            // Another part may have created the schema.
            .baselineOnMigrate(true)
            .baselineVersion("0")
            .validateMigrationNaming(true)
            .failOnMissingLocations(true)
            .loggers("slf4j")
            .load();
  }

  /**
   * @param complete whether the role may use what there is
   * @param created whether the part has been created at all
   */
  private record AccessRights(String role, boolean complete, boolean created) {}

  /**
   * Creates what is missing. If nothing is, no statement runs, and the role needs no privilege to
   * create anything.
   *
   * @throws ProtocolException if the database cannot be reached or refuses; if the role lacks
   *     privileges, with the SQL that someone else has to run
   */
  public void migrate() {
    var rights = query("inspect the schema " + NAME, this::rights);
    if (!rights.complete()) {
      throw insufficientPrivilege(rights.role(), missing(rights), null);
    }
    var pending = query("inspect the schema " + NAME, _ -> pending());
    if (pending.isEmpty()) {
      return;
    }
    try {
      migrateExclusively("create the schema " + NAME);
    } catch (SqlFailure failure) {
      throw isInsufficientPrivilege(failure)
          ? insufficientPrivilege(rights.role(), pending, failure)
          : ProtocolCalls.exception(failure);
    } catch (FlywayException failure) {
      throw exception(failure);
    }
  }

  /** The problems that prevent the broker from using its tables; changes nothing. */
  public List<SetupProblem> problems() {
    var rights = query("inspect the schema " + NAME, this::rights);
    if (!rights.complete()) {
      return List.of(
          new SetupProblem(
              "the role %s lacks privileges on the schema %s".formatted(rights.role(), NAME),
              manualRemedy(rights.role(), missing(rights))));
    }
    var pending = query("inspect the schema " + NAME, _ -> pending());
    if (!pending.isEmpty()) {
      return List.of(
          new SetupProblem(
              "the schema %s lacks %s".formatted(NAME, scriptNames(pending)),
              "start a broker whose role may create it; or "
                  + manualRemedy(rights.role(), pending)));
    }
    var validated = query("inspect the schema " + NAME, _ -> flyway.validateWithResult());
    if (!validated.validationSuccessful) {
      return List.of(
          new SetupProblem(
              "the schema %s does not match what this broker creates: %s"
                  .formatted(NAME, validated.getAllErrorMessages()),
              "drop it while no broker runs; it is then created again"));
    }
    return List.of();
  }

  /** What a role that may not read the history knows to be missing. */
  private List<MigrationInfo> missing(AccessRights rights) {
    return rights.created() ? List.of() : query("inspect the schema " + NAME, _ -> pending());
  }

  private List<MigrationInfo> pending() {
    return Arrays.asList(flyway.info().pending());
  }

  /** Runs for one broker at a time; those that waited find nothing left to do. */
  private void migrateExclusively(String action) {
    var done =
        database.transaction(
            action,
            connection -> {
              lock(connection);
              return unwrapSqlException(flyway::migrate);
            });
    if (done.migrationsExecuted > 0) {
      log.atInfo()
          .addKeyValue("schema", NAME)
          .addKeyValue("part", WireName.of(part))
          .addKeyValue("version", done.targetSchemaVersion)
          .log("the broker's tables were created or migrated");
    }
  }

  private void lock(Connection connection) throws SQLException {
    try (var statement = database.prepare(connection, "select pg_advisory_xact_lock(?)")) {
      statement.setLong(1, LOCK);
      statement.execute();
    }
  }

  private AccessRights rights(Connection connection) throws SQLException {
    try (var statement = database.prepare(connection, RIGHTS)) {
      statement.setString(1, part.history());
      statement.setArray(2, connection.createArrayOf("text", part.tables().toArray()));
      statement.setString(3, part.history());
      statement.setString(4, part.history());
      try (var rows = statement.executeQuery()) {
        rows.next();
        return new AccessRights(rows.getString(1), rows.getBoolean(2), rows.getBoolean(3));
      }
    }
  }

  private <T> T query(String action, Database.SqlFunction<T> work) {
    try {
      return ProtocolCalls.call(
          () ->
              database.call(
                  action, connection -> unwrapSqlException(() -> work.apply(connection))));
    } catch (FlywayException failure) {
      throw exception(failure);
    }
  }

  private interface SqlCall<T> {
    T run() throws SQLException;
  }

  /** Unwraps the database's exception from Flyway's, so that it is interpreted like any other. */
  private static <T> T unwrapSqlException(SqlCall<T> work) throws SQLException {
    try {
      return work.run();
    } catch (FlywayException failure) {
      for (Throwable at = failure.getCause(); at != null; at = at.getCause()) {
        if (at instanceof SQLException sqlException) {
          throw sqlException;
        }
      }
      throw failure;
    }
  }

  private static boolean isInsufficientPrivilege(SqlFailure failure) {
    return failure.getCause() instanceof SQLException sqlException
        && "42501".equals(sqlException.getSQLState());
  }

  private ProtocolException insufficientPrivilege(
      String role, List<MigrationInfo> pending, @Nullable SqlFailure cause) {
    return new ProtocolException(
        "the role %s lacks privileges on the schema %s: %s"
            .formatted(role, NAME, manualRemedy(role, pending)),
        ProtocolException.Kind.PERMANENT,
        cause);
  }

  private String manualRemedy(String role, List<MigrationInfo> pending) {
    return """
    %s, or have an owner of the database run once
    %s\
    """
        .formatted(part.alternative(), ManualMigration.of(part, pending, role));
  }

  private static ProtocolException exception(FlywayException cause) {
    var message = cause.getMessage();
    return new ProtocolException(
        message == null ? "the schema " + NAME + " could not be used" : message,
        ProtocolException.Kind.PERMANENT,
        cause);
  }

  private static String scriptNames(List<MigrationInfo> pending) {
    return String.join(", ", pending.stream().map(MigrationInfo::getScript).toList());
  }
}
