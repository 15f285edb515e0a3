package org.wasmbroker.config;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.app.HttpConfig;

/** The settings {@code http.*} and {@code metrics.*}. */
final class HttpSettings {
  static final Setting<String> HOST =
      Setting.of(
          "http.host",
          SettingTypes.TEXT,
          HttpConfig.DEFAULTS.host(),
          "Address on which health and metrics are served. The endpoints have no"
              + " authentication; containers need `0.0.0.0`.",
          "0.0.0.0");
  static final Setting<Integer> PORT =
      Setting.of(
          "http.port",
          SettingTypes.INTEGER,
          HttpConfig.DEFAULTS.port(),
          "Port on which health and metrics are served; 0 picks any free one.",
          "0");
  static final Setting<Duration> QUEUE_INTERVAL =
      Setting.of(
          "metrics.queue-interval",
          QuantityTypes.DURATION,
          HttpConfig.DEFAULTS.queueInterval(),
          "How often the queues and their tables are measured for the metrics: 1 s to 1 h, or `0s`"
              + " for never. Each time costs a few short queries ([metrics](metrics.md#queues)).",
          "1m");
  static final List<Setting<?>> ALL = List.of(HOST, PORT, QUEUE_INTERVAL);

  private HttpSettings() {}

  static HttpConfig read(SettingValues values) {
    return new HttpConfig(values.get(HOST), values.get(PORT), values.get(QUEUE_INTERVAL));
  }
}
