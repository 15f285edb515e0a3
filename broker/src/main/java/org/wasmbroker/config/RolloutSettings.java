package org.wasmbroker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.wasmbroker.rollout.RolloutConfig;

/** The settings {@code rollout.*}. */
final class RolloutSettings {
  static final Setting<Path> FILE =
      Setting.optional(
          "rollout.file",
          SettingTypes.PATH,
          "none: the newest versions serve",
          "File that says which version of a handler which steps get; see"
              + " [rollout.md](rollout.md).",
          "/etc/wasm-broker/rollout.yaml");
  static final Setting<Duration> RELOAD =
      Setting.of(
          "rollout.reload",
          QuantityTypes.DURATION,
          RolloutConfig.DEFAULT_RELOAD,
          "How often the file is checked for changes; a new version applies to steps that"
              + " start afterwards. 100 ms to 1 h.",
          "10s");
  static final List<Setting<?>> ALL = List.of(FILE, RELOAD);

  private RolloutSettings() {}
}
