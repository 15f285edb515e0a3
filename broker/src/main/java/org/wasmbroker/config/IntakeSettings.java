package org.wasmbroker.config;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.intake.IntakeConfig;

/** How the queue is read. */
final class IntakeSettings {
  static final Setting<Duration> POLL_INTERVAL =
      Setting.of(
          "intake.poll-interval",
          QuantityTypes.DURATION,
          IntakeConfig.DEFAULTS.pollInterval(),
          "The longest time between two looks at a queue that tells of nothing new;"
              + " 10 ms to 1 min.",
          "5s");
  static final List<Setting<?>> ALL = List.of(POLL_INTERVAL);

  private IntakeSettings() {}

  static IntakeConfig read(SettingValues values) {
    return new IntakeConfig(values.get(POLL_INTERVAL));
  }
}
