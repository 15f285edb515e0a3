package org.wasmbroker.config;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.intake.IntakeConfig;

/** The settings {@code intake.*}. */
final class IntakeSettings {
  static final Setting<Duration> POLL_INTERVAL =
      Setting.of(
          "intake.poll-interval",
          QuantityTypes.DURATION,
          IntakeConfig.DEFAULTS.pollInterval(),
          "Maximum time between two polls of a queue without notifications; 10 ms to 1 min.",
          "5s");
  static final List<Setting<?>> ALL = List.of(POLL_INTERVAL);

  private IntakeSettings() {}

  static IntakeConfig read(SettingValues values) {
    return new IntakeConfig(values.get(POLL_INTERVAL));
  }
}
