package org.wasmbroker.config;

import java.util.List;
import org.slf4j.event.Level;
import org.wasmbroker.app.LogConfig;

/** The settings {@code log.*}. */
final class LogSettings {
  static final Setting<LogConfig.Format> FORMAT =
      Setting.of(
          "log.format",
          SettingTypes.oneOf(LogConfig.Format.class),
          LogConfig.DEFAULTS.format(),
          "`text` for people, `json` for programs (one object per line). Both go to stderr.",
          "json");
  static final Setting<Level> LEVEL =
      Setting.of(
          "log.level",
          SettingTypes.oneOf(Level.class),
          LogConfig.DEFAULTS.level(),
          "Minimum level of the log lines of the broker and its guests; for libraries it is"
              + " `warn`.",
          "debug");
  static final List<Setting<?>> ALL = List.of(FORMAT, LEVEL);

  private LogSettings() {}

  static LogConfig read(SettingValues values) {
    return new LogConfig(values.get(FORMAT), values.get(LEVEL));
  }
}
