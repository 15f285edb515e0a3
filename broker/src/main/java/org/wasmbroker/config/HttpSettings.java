package org.wasmbroker.config;

import java.util.List;
import org.wasmbroker.app.HttpConfig;

/** The settings {@code http.*}. */
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
  static final List<Setting<?>> ALL = List.of(HOST, PORT);

  private HttpSettings() {}

  static HttpConfig read(SettingValues values) {
    return new HttpConfig(values.get(HOST), values.get(PORT));
  }
}
