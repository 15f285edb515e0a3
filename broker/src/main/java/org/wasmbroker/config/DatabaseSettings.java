package org.wasmbroker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.Password;

/** The settings {@code database.*}. */
final class DatabaseSettings {
  private static final DatabaseConfig DEFAULTS = DatabaseConfig.DEFAULTS;

  static final Setting<DatabaseUrl> URL =
      Setting.of(
          "database.url",
          SettingTypes.DATABASE_URL,
          new DatabaseUrl(DEFAULTS.url(), null, null),
          "Address of the database with the queues: a JDBC URL, or"
              + " `postgresql://user:password@host:port/database`.",
          "jdbc:postgresql://db.example.org:5432/steps");
  static final Setting<String> USER =
      Setting.optional(
          "database.user",
          SettingTypes.TEXT,
          "from the address",
          "Database role of the broker.",
          "wasm_broker");
  static final Setting<Password> PASSWORD =
      Setting.optional(
          "database.password",
          SettingTypes.PASSWORD,
          "from the address",
          "Password of the role. Prefer an environment variable or a password file.",
          "…");
  static final Setting<Path> PASSWORD_FILE =
      Setting.optional(
          "database.password-file",
          SettingTypes.PATH,
          "none",
          "File that contains only the password, such as a mounted secret.",
          "/run/secrets/database-password");
  static final Setting<Integer> POOL_SIZE =
      Setting.of(
          "database.pool-size",
          SettingTypes.INTEGER,
          DEFAULTS.poolSize(),
          "Connections for claims, lease extensions and reports; listening uses one more. At"
              + " least `report.writers` plus two.",
          "10");
  static final Setting<Duration> CONNECT_TIMEOUT =
      Setting.of(
          "database.connect-timeout",
          QuantityTypes.DURATION,
          DEFAULTS.connectTimeout(),
          "Maximum time to wait for a connection, pooled or new; 1 s to 1 h.",
          "10s");
  static final Setting<Duration> QUERY_TIMEOUT =
      Setting.of(
          "database.query-timeout",
          QuantityTypes.DURATION,
          DEFAULTS.queryTimeout(),
          "Maximum duration of a statement before it is cancelled; 1 s to 1 h, and less than"
              + " two thirds of `queue.lease`, or for Tasker less than `tasker.recovery.dead-after`"
              + " minus a heartbeat.",
          "5s");
  static final List<Setting<?>> ALL =
      List.of(URL, USER, PASSWORD, PASSWORD_FILE, POOL_SIZE, CONNECT_TIMEOUT, QUERY_TIMEOUT);

  private DatabaseSettings() {}

  static DatabaseConfig read(SettingValues values) {
    var address = values.get(URL).with(values.find(USER), values.find(PASSWORD));
    return new DatabaseConfig(
        address.jdbcUrl(),
        address.user(),
        address.password(),
        values.get(POOL_SIZE),
        values.get(CONNECT_TIMEOUT),
        values.get(QUERY_TIMEOUT));
  }
}
