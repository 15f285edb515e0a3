package org.wasmbroker.config;

import java.util.List;
import org.slf4j.event.Level;
import org.wasmbroker.app.LogConfig;

/** How the log is written. */
final class LogSettings {
  static final Setting<LogConfig.Format> FORMAT =
      Setting.of(
          "log.format",
          SettingTypes.oneOf(LogConfig.Format.class),
          LogConfig.DEFAULTS.format(),
          "`text` for people, `json` for programs: one object a line. Both on stderr.",
          "json");
  static final Setting<Level> LEVEL =
      Setting.of(
          "log.level",
          SettingTypes.oneOf(Level.class),
          LogConfig.DEFAULTS.level(),
          "The least severe lines of the broker and its guests that are written; those of"
              + " libraries are from `warn`.",
          "debug");
  static final List<Setting<?>> ALL = List.of(FORMAT, LEVEL);

  private LogSettings() {}

  static LogConfig read(SettingValues values) {
    return new LogConfig(values.get(FORMAT), values.get(LEVEL));
  }
}
