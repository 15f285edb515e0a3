package org.wasmbroker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.Password;

/** Which database. */
final class DatabaseSettings {
  private static final DatabaseConfig DEFAULTS = DatabaseConfig.DEFAULTS;

  static final Setting<DatabaseUrl> URL =
      Setting.of(
          "database.url",
          SettingTypes.DATABASE_URL,
          new DatabaseUrl(DEFAULTS.url(), null, null),
          "The address of the database that has the queues: for JDBC, or"
              + " `postgresql://user:password@host:port/database`.",
          "jdbc:postgresql://db.example.org:5432/steps");
  static final Setting<String> USER =
      Setting.optional(
          "database.user",
          SettingTypes.TEXT,
          "as in the address",
          "The role that the broker connects as.",
          "wasm_broker");
  static final Setting<Password> PASSWORD =
      Setting.optional(
          "database.password",
          SettingTypes.PASSWORD,
          "as in the address",
          "The role's password. Better in the environment or in a file of its own.",
          "…");
  static final Setting<Path> PASSWORD_FILE =
      Setting.optional(
          "database.password-file",
          SettingTypes.PATH,
          "none",
          "A file that has nothing but the password; for mounted secrets.",
          "/run/secrets/database-password");
  static final Setting<Integer> POOL_SIZE =
      Setting.of(
          "database.pool-size",
          SettingTypes.INTEGER,
          DEFAULTS.poolSize(),
          "Connections for claims, renewals and reports; listening takes one more."
              + " At least `report.writers` and two.",
          "10");
  static final Setting<Duration> CONNECT_TIMEOUT =
      Setting.of(
          "database.connect-timeout",
          QuantityTypes.DURATION,
          DEFAULTS.connectTimeout(),
          "How long to wait for a connection, pooled or new; 1 s to 1 h.",
          "10s");
  static final Setting<Duration> QUERY_TIMEOUT =
      Setting.of(
          "database.query-timeout",
          QuantityTypes.DURATION,
          DEFAULTS.queryTimeout(),
          "How long one statement may take before it is cancelled; 1 s to 1 h,"
              + " and less than two thirds of `queue.lease`, or for Tasker than what"
              + " `tasker.recovery.dead-after` leaves after a heartbeat.",
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
