package org.wasmbroker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.wasmbroker.secret.SecretsConfig;

/** The settings {@code secrets.*}. */
final class SecretSettings {
  static final Setting<Path> DIRECTORY =
      Setting.optional(
          "secrets.directory",
          SettingTypes.PATH,
          "none",
          "Directory with one file per secret that handlers may be granted, as mounted by"
              + " Kubernetes, Docker and Vault agents; it takes precedence over the environment.",
          "/run/secrets/wasm-broker");
  static final Setting<String> ENVIRONMENT_PREFIX =
      Setting.of(
          "secrets.environment-prefix",
          SettingTypes.TEXT,
          SecretsConfig.DEFAULTS.environmentPrefix(),
          "Prefix of environment variables with such secrets. It must not match the broker's"
              + " own variables.",
          "HANDLER_SECRET_");
  static final Setting<Duration> REFRESH =
      Setting.of(
          "secrets.refresh",
          QuantityTypes.DURATION,
          SecretsConfig.DEFAULTS.refresh(),
          "How long a file's content is cached; 0 to 5 minutes. A rotated secret is picked"
              + " up after this time.",
          "10s");
  static final List<Setting<?>> ALL = List.of(DIRECTORY, ENVIRONMENT_PREFIX, REFRESH);

  private SecretSettings() {}

  static SecretsConfig read(SettingValues values) {
    return new SecretsConfig(
        values.find(DIRECTORY), values.get(ENVIRONMENT_PREFIX), values.get(REFRESH));
  }
}
