package org.wasmbroker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.wasmbroker.grant.PolicyConfig;

/** The settings {@code policy.*}. */
final class PolicySettings {
  static final Setting<Path> FILE =
      Setting.optional(
          "policy.file",
          SettingTypes.PATH,
          "none: only basic functions are granted",
          "File that grants destinations, secrets and resource classes to handlers; see"
              + " [policy.md](policy.md).",
          "/etc/wasm-broker/policy.yaml");
  static final Setting<Duration> RELOAD =
      Setting.of(
          "policy.reload",
          QuantityTypes.DURATION,
          PolicyConfig.DEFAULT_RELOAD,
          "How often the file is checked for changes; a new version applies to steps that"
              + " start afterwards. 100 ms to 1 h.",
          "10s");
  static final List<Setting<?>> ALL = List.of(FILE, RELOAD);

  private PolicySettings() {}
}
