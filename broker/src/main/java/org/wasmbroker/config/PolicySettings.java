package org.wasmbroker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.wasmbroker.grant.PolicyConfig;

/** What is granted to which handlers. */
final class PolicySettings {
  static final Setting<Path> FILE =
      Setting.optional(
          "policy.file",
          SettingTypes.PATH,
          "none: the basic functions for all",
          "The file that grants destinations, secrets and resource classes to handlers; see"
              + " [policy.md](policy.md).",
          "/etc/wasm-broker/policy.yaml");
  static final Setting<Duration> RELOAD =
      Setting.of(
          "policy.reload",
          QuantityTypes.DURATION,
          PolicyConfig.DEFAULT_RELOAD,
          "How often the file is looked at; what is new in it holds for the steps that start"
              + " then. 100 ms to 1 h.",
          "10s");
  static final List<Setting<?>> ALL = List.of(FILE, RELOAD);

  private PolicySettings() {}
}
