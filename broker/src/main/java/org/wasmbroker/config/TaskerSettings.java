package org.wasmbroker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.Password;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.protocol.tasker.RecoveryConfig;
import org.wasmbroker.protocol.tasker.TaskerConfig;

/** The settings {@code tasker.*}. */
final class TaskerSettings {
  private static final TaskerConfig DEFAULTS = TaskerConfig.DEFAULTS;

  static final Setting<List<Namespace>> NAMESPACES =
      Setting.of(
          "tasker.namespaces",
          SettingTypes.listOf(SettingTypes.NAMESPACE),
          DEFAULTS.namespaces(),
          "Namespaces whose queues `worker_<namespace>_queue` are served. The broker must"
              + " have the module of every callable in them.",
          "catalog,billing");
  static final Setting<List<QueueName>> QUEUES =
      Setting.optional(
          "tasker.queues",
          SettingTypes.listOf(SettingTypes.QUEUE),
          "none",
          "Additional queues with Tasker's step messages.",
          "worker_composition_queue");
  static final Setting<Path> TEMPLATES =
      Setting.optional(
          "tasker.templates",
          SettingTypes.PATH,
          "none",
          "Directory of task templates (YAML or JSON) that are registered at startup.",
          "/etc/wasm-broker/templates");
  static final Setting<Duration> TIMEOUT =
      Setting.of(
          "tasker.default-timeout",
          QuantityTypes.DURATION,
          DEFAULTS.defaultTimeout(),
          "Timeout of a step whose definition has no `timeout_seconds`; `limits.time` or its"
              + " handler may allow less.",
          "5s");
  static final Setting<Duration> WATCH =
      Setting.of(
          "tasker.watch",
          QuantityTypes.DURATION,
          DEFAULTS.watchInterval(),
          "How often running steps are checked for having been cancelled or resolved in the"
              + " meantime; 100 ms to 1 min.",
          "500ms");
  static final Setting<Boolean> RECOVERY =
      Setting.of(
          "tasker.recovery.enabled",
          SettingTypes.BOOLEAN,
          true,
          "Whether steps of dead workers are failed so that they are retried. Requires the"
              + " schema `wasm_broker` in Tasker's database, which is created at startup if"
              + " missing; if disabled, such steps stay `in_progress`.",
          "false");
  static final Setting<Duration> HEARTBEAT =
      Setting.of(
          "tasker.recovery.heartbeat",
          QuantityTypes.DURATION,
          RecoveryConfig.DEFAULTS.heartbeat(),
          "How often a worker writes its heartbeat and looks for dead workers; 100 ms to 5"
              + " min.",
          "2s");
  static final Setting<Duration> DEAD_AFTER =
      Setting.of(
          "tasker.recovery.dead-after",
          QuantityTypes.DURATION,
          RecoveryConfig.DEFAULTS.deadAfter(),
          "A worker without a heartbeat for this time is considered dead; at least three"
              + " heartbeats.",
          "1m");
  static final Setting<DatabaseUrl> QUEUE_URL =
      Setting.optional(
          "tasker.queue-database.url",
          SettingTypes.DATABASE_URL,
          "as `database.url`",
          "Address of the database with Tasker's queues, if it is not the one with its"
              + " tables.",
          "jdbc:postgresql://queues.example.org:5432/tasker_queues");
  static final Setting<String> QUEUE_USER =
      Setting.optional(
          "tasker.queue-database.user",
          SettingTypes.TEXT,
          "from the address",
          "Database role for the queue database.",
          "wasm_broker");
  static final Setting<Password> QUEUE_PASSWORD =
      Setting.optional(
          "tasker.queue-database.password",
          SettingTypes.PASSWORD,
          "from the address",
          "Password of that role. Prefer an environment variable or a password file.",
          "…");
  static final Setting<Path> QUEUE_PASSWORD_FILE =
      Setting.optional(
          "tasker.queue-database.password-file",
          SettingTypes.PATH,
          "none",
          "File that contains only that password.",
          "/run/secrets/queue-database-password");
  static final Setting<Duration> VISIBILITY =
      Setting.of(
          "tasker.visibility",
          QuantityTypes.DURATION,
          DEFAULTS.visibility(),
          "Visibility timeout of a message read from a separate queue database; 1 s to 1 h,"
              + " and more than `database.query-timeout`.",
          "1m");
  static final List<Setting<?>> ALL =
      List.of(
          NAMESPACES,
          QUEUES,
          TEMPLATES,
          TIMEOUT,
          WATCH,
          RECOVERY,
          HEARTBEAT,
          DEAD_AFTER,
          QUEUE_URL,
          QUEUE_USER,
          QUEUE_PASSWORD,
          QUEUE_PASSWORD_FILE,
          VISIBILITY);

  private TaskerSettings() {}

  /**
   * @param database the database with Tasker's tables, whose pool size and timeouts also apply to
   *     the queue database
   */
  static TaskerConfig read(SettingValues values, DatabaseConfig database) {
    var queues = values.find(QUEUES);
    return new TaskerConfig(
        values.get(NAMESPACES),
        queues == null ? List.of() : queues,
        values.find(TEMPLATES),
        values.get(TIMEOUT),
        values.get(WATCH),
        recovery(values),
        queueDatabase(values, database),
        values.get(VISIBILITY));
  }

  private static @Nullable RecoveryConfig recovery(SettingValues values) {
    return values.get(RECOVERY)
        ? new RecoveryConfig(values.get(HEARTBEAT), values.get(DEAD_AFTER))
        : null;
  }

  /** The same address as that of the tables means a single database, as it does for Tasker. */
  private static @Nullable DatabaseConfig queueDatabase(
      SettingValues values, DatabaseConfig database) {
    var queueUrl = values.find(QUEUE_URL);
    if (queueUrl == null || queueUrl.jdbcUrl().equals(database.url())) {
      return null;
    }
    var address = queueUrl.with(values.find(QUEUE_USER), values.find(QUEUE_PASSWORD));
    return database.withUrl(address.jdbcUrl(), address.user(), address.password());
  }
}
