package org.wasmbroker.protocol.tasker.recovery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.flywaydb.core.api.MigrationInfo;

/**
 * The SQL that Flyway would run, for someone with the privileges that the broker's role lacks. It
 * includes Flyway's own record, so that the next release finds the schema as if a broker had
 * created it.
 */
final class ManualMigration {
  static final String LOCATION = "org/wasmbroker/protocol/tasker/recovery/migrations";

  private static final String CREATE =
      """
      create schema if not exists wasm_broker;
      create table if not exists wasm_broker.schema_history (
        installed_rank integer not null constraint schema_history_pk primary key,
        version varchar(50),
        description varchar(200) not null,
        type varchar(20) not null,
        script varchar(1000) not null,
        checksum integer,
        installed_by varchar(100) not null,
        installed_on timestamp not null default now(),
        execution_time integer not null,
        success boolean not null);
      create index if not exists schema_history_s_idx on wasm_broker.schema_history (success);
      """;

  private ManualMigration() {}

  /**
   * @param role as an SQL identifier
   */
  static String of(List<MigrationInfo> migrations, String role) {
    var script = new StringBuilder("begin;\n");
    if (!migrations.isEmpty()) {
      script.append(CREATE);
    }
    for (var migration : migrations) {
      script.append(resource(migration.getScript())).append(historyInsert(migration));
    }
    return script.append(grants(role)).append("commit;\n").toString();
  }

  private static String historyInsert(MigrationInfo migration) {
    return """
        insert into wasm_broker.schema_history
          (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
        select coalesce(max(installed_rank), 0) + 1, '%s', '%s', 'SQL', '%s', %d, current_user, 0, true
        from wasm_broker.schema_history;
        """
        .formatted(
            migration.getVersion(),
            migration.getDescription(),
            migration.getScript(),
            migration.getChecksum());
  }

  private static String grants(String role) {
    return """
        grant usage on schema wasm_broker to %1$s;
        grant select, insert, update, delete
          on wasm_broker.worker, wasm_broker.claim, wasm_broker.suspect to %1$s;
        grant select on wasm_broker.schema_history to %1$s;
        """
        .formatted(role);
  }

  private static String resource(String script) {
    var path = "/" + LOCATION + "/" + script;
    try (var stream = ManualMigration.class.getResourceAsStream(path)) {
      return new String(
          Objects.requireNonNull(stream, path).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("could not read " + path, e);
    }
  }
}
