package org.wasmbroker.config;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.standalone.StandaloneConfig;

/** The queues and the terms of claims. */
final class QueueSettings {
  private static final StandaloneConfig DEFAULTS = StandaloneConfig.DEFAULTS;

  static final Setting<QueueName> NAME =
      Setting.of(
          "queue.name",
          SettingTypes.QUEUE,
          DEFAULTS.queue(),
          "The queue that steps come from; made at start if missing. Its dead letters go to"
              + " the queue of this name with `_dlq`.",
          "thumbnails");
  static final Setting<QueueName> RESULTS =
      Setting.of(
          "queue.results",
          SettingTypes.QUEUE,
          DEFAULTS.results(),
          "The queue that results go to; made at start if missing.",
          "thumbnail_results");
  static final Setting<Duration> LEASE =
      Setting.of(
          "queue.lease",
          QuantityTypes.DURATION,
          DEFAULTS.lease(),
          "How long a claim holds without being renewed, and so how soon another worker takes"
              + " over the steps of one that died; renewed at a third of it. 100 ms to 1 h.",
          "1m");
  static final Setting<Duration> TIMEOUT =
      Setting.of(
          "queue.default-timeout",
          QuantityTypes.DURATION,
          DEFAULTS.timeout(),
          "How long a step may run whose message names no timeout; `limits.time` or its handler"
              + " may allow less.",
          "5s");
  static final Setting<Integer> MAX_ATTEMPTS =
      Setting.of(
          "queue.default-max-attempts",
          SettingTypes.INTEGER,
          DEFAULTS.maxAttempts(),
          "The attempts at a step whose message names no number.",
          "5");
  static final Setting<Integer> LOST_CLAIMS =
      Setting.of(
          "queue.lost-claims",
          SettingTypes.INTEGER,
          DEFAULTS.lostClaims(),
          "After so many claims that ended with no word, as when a worker dies, a step goes to"
              + " the dead letters instead of being tried again; 1 to 1000.",
          "2");
  static final Setting<Duration> NOTIFY_INTERVAL =
      Setting.of(
          "queue.notify-interval",
          QuantityTypes.DURATION,
          DEFAULTS.notifyInterval(),
          "How often at most Postgres tells of new messages; 0 to 1 min.",
          "250ms");
  static final List<Setting<?>> ALL =
      List.of(NAME, RESULTS, LEASE, TIMEOUT, MAX_ATTEMPTS, LOST_CLAIMS, NOTIFY_INTERVAL);

  private QueueSettings() {}

  static StandaloneConfig read(SettingValues values) {
    return new StandaloneConfig(
        values.get(NAME),
        values.get(RESULTS),
        values.get(LEASE),
        values.get(TIMEOUT),
        values.get(MAX_ATTEMPTS),
        values.get(LOST_CLAIMS),
        values.get(NOTIFY_INTERVAL));
  }
}
