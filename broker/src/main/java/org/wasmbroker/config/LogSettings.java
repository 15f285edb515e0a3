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
  static final Setting<Integer> BURST =
      Setting.of(
          "log.burst",
          SettingTypes.INTEGER,
          LogConfig.DEFAULTS.burst(),
          "How many lines of one kind, about one handler, are written in 10 s; the others are"
              + " counted, and a line says how many they were; 1 to 1000000. Audit lines are never"
              + " cut.",
          "1000");
  static final List<Setting<?>> ALL = List.of(FORMAT, LEVEL, BURST);

  private LogSettings() {}

  static LogConfig read(SettingValues values) {
    return new LogConfig(values.get(FORMAT), values.get(LEVEL), values.get(BURST));
  }
}
