package org.wasmbroker.brokerschema;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.flywaydb.core.api.MigrationInfo;

/**
 * The SQL that Flyway would run, for someone with the privileges that the broker's role lacks. It
 * includes Flyway's own record, so that the next release finds the schema as if a broker had
 * created it.
 */
final class ManualMigration {

  private ManualMigration() {}

  /**
   * @param role as an SQL identifier
   */
  static String of(SchemaPart part, List<MigrationInfo> migrations, String role) {
    var script = new StringBuilder("begin;\n");
    if (!migrations.isEmpty()) {
      script.append(creation(part));
    }
    for (var migration : migrations) {
      script.append(resource(part, migration.getScript())).append(historyInsert(part, migration));
    }
    return script.append(grants(part, role)).append("commit;\n").toString();
  }

  private static String creation(SchemaPart part) {
    return """
    create schema if not exists wasm_broker;
    create table if not exists wasm_broker.%1$s (
      installed_rank integer not null constraint %1$s_pk primary key,
      version varchar(50),
      description varchar(200) not null,
      type varchar(20) not null,
      script varchar(1000) not null,
      checksum integer,
      installed_by varchar(100) not null,
      installed_on timestamp not null default now(),
      execution_time integer not null,
      success boolean not null);
    create index if not exists %1$s_s_idx on wasm_broker.%1$s (success);
    """
        .formatted(part.history());
  }

  private static String historyInsert(SchemaPart part, MigrationInfo migration) {
    return """
    insert into wasm_broker.%1$s
      (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
    select coalesce(max(installed_rank), 0) + 1, '%2$s', '%3$s', 'SQL', '%4$s', %5$d, current_user, 0, true
    from wasm_broker.%1$s;
    """
        .formatted(
            part.history(),
            migration.getVersion(),
            migration.getDescription(),
            migration.getScript(),
            migration.getChecksum());
  }

  private static String grants(SchemaPart part, String role) {
    var tables =
        part.tables().stream()
            .map(table -> BrokerSchema.NAME + "." + table)
            .collect(Collectors.joining(", "));
    return """
    grant usage on schema wasm_broker to %1$s;
    grant select, insert, update, delete
      on %2$s to %1$s;
    grant select on wasm_broker.%3$s to %1$s;
    """
        .formatted(role, tables, part.history());
  }

  private static String resource(SchemaPart part, String script) {
    var path = "/" + part.location() + "/" + script;
    try (var stream = ManualMigration.class.getResourceAsStream(path)) {
      return new String(
          Objects.requireNonNull(stream, path).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("could not read " + path, e);
    }
  }
}
