package org.wasmbroker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.wasmbroker.registry.RegistryConfig;

/** The settings {@code registry.*}. */
final class RegistrySettings {
  static final Setting<Path> DIRECTORY =
      Setting.optional(
          "registry.directory",
          SettingTypes.PATH,
          "none",
          "Directory of your own modules, `<handler>/<version>/module.wasm` and"
              + " `manifest.json`; they take precedence over the bundled ones.",
          "/etc/wasm-broker/handlers");
  static final Setting<Duration> RESCAN =
      Setting.of(
          "registry.rescan",
          QuantityTypes.DURATION,
          RegistryConfig.DEFAULTS.rescan(),
          "How often the directory is scanned for new modules and broken ones are retried;"
              + " at least 100 ms.",
          "1m");
  static final List<Setting<?>> ALL = List.of(DIRECTORY, RESCAN);

  private RegistrySettings() {}

  static RegistryConfig read(SettingValues values) {
    return new RegistryConfig(values.find(DIRECTORY), values.get(RESCAN));
  }
}
