package org.wasmbroker.config;

import java.util.List;
import org.wasmbroker.app.HttpConfig;

/** Where health and metrics are served. */
final class HttpSettings {
  static final Setting<String> HOST =
      Setting.of(
          "http.host",
          SettingTypes.TEXT,
          HttpConfig.DEFAULTS.host(),
          "The address that health and metrics are served on. Nothing there asks who is"
              + " calling; a container needs `0.0.0.0`.",
          "0.0.0.0");
  static final Setting<Integer> PORT =
      Setting.of(
          "http.port",
          SettingTypes.INTEGER,
          HttpConfig.DEFAULTS.port(),
          "The port that they are served on; 0 takes any free one.",
          "0");
  static final List<Setting<?>> ALL = List.of(HOST, PORT);

  private HttpSettings() {}

  static HttpConfig read(SettingValues values) {
    return new HttpConfig(values.get(HOST), values.get(PORT));
  }
}
