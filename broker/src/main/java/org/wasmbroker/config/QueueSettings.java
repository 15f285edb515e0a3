package org.wasmbroker.config;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.standalone.StandaloneConfig;

/** The settings {@code queue.*} of the standalone protocol. */
final class QueueSettings {
  private static final StandaloneConfig DEFAULTS = StandaloneConfig.DEFAULTS;

  static final Setting<QueueName> NAME =
      Setting.of(
          "queue.name",
          SettingTypes.QUEUE,
          DEFAULTS.queue(),
          "Queue that steps come from; created at startup if missing. Its dead-letter queue"
              + " is the same name with the suffix `_dlq`.",
          "thumbnails");
  static final Setting<QueueName> RESULTS =
      Setting.of(
          "queue.results",
          SettingTypes.QUEUE,
          DEFAULTS.results(),
          "Queue that results are sent to; created at startup if missing.",
          "thumbnail_results");
  static final Setting<Duration> LEASE =
      Setting.of(
          "queue.lease",
          QuantityTypes.DURATION,
          DEFAULTS.lease(),
          "How long a claim is valid without being extended, and so how soon another worker"
              + " takes over the steps of a dead one; extended after a third of it. 100 ms to 1 h.",
          "1m");
  static final Setting<Duration> TIMEOUT =
      Setting.of(
          "queue.default-timeout",
          QuantityTypes.DURATION,
          DEFAULTS.timeout(),
          "Timeout of a step whose message does not set one; `limits.time` or its handler"
              + " may allow less.",
          "5s");
  static final Setting<Integer> MAX_ATTEMPTS =
      Setting.of(
          "queue.default-max-attempts",
          SettingTypes.INTEGER,
          DEFAULTS.maxAttempts(),
          "Maximum number of attempts of a step whose message does not set one.",
          "5");
  static final Setting<Integer> LOST_CLAIMS =
      Setting.of(
          "queue.lost-claims",
          SettingTypes.INTEGER,
          DEFAULTS.lostClaims(),
          "After this many claims that were lost while the step ran, because its workers died, a"
              + " step is dead-lettered instead of being retried; 1 to 1000.",
          "2");
  static final Setting<Duration> NOTIFY_INTERVAL =
      Setting.of(
          "queue.notify-interval",
          QuantityTypes.DURATION,
          DEFAULTS.notifyInterval(),
          "Minimum interval between Postgres notifications about new messages; 0 to 1 min.",
          "250ms");
  static final Setting<Boolean> ARCHIVE =
      Setting.of(
          "queue.archive",
          SettingTypes.BOOLEAN,
          DEFAULTS.archives(),
          "Whether the messages of steps that ended are kept in the queue's archive. Without it a"
              + " step costs the database less, and nothing but its result tells that it was there"
              + " (docs/protocol-standalone.md#without-an-archive).",
          "false");
  static final List<Setting<?>> ALL =
      List.of(NAME, RESULTS, LEASE, TIMEOUT, MAX_ATTEMPTS, LOST_CLAIMS, NOTIFY_INTERVAL, ARCHIVE);

  private QueueSettings() {}

  static StandaloneConfig read(SettingValues values) {
    return new StandaloneConfig(
        values.get(NAME),
        values.get(RESULTS),
        values.get(LEASE),
        values.get(TIMEOUT),
        values.get(MAX_ATTEMPTS),
        values.get(LOST_CLAIMS),
        values.get(NOTIFY_INTERVAL),
        values.get(ARCHIVE));
  }
}
