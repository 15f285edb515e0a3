package org.wasmbroker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.wasmbroker.secret.SecretsConfig;

/** Where the secrets come from that handlers may be granted. */
final class SecretSettings {
  static final Setting<Path> DIRECTORY =
      Setting.optional(
          "secrets.directory",
          SettingTypes.PATH,
          "none",
          "A file for each secret that handlers may be granted, as Kubernetes, Docker and Vault"
              + " agents mount them; asked before the environment.",
          "/run/secrets/wasm-broker");
  static final Setting<String> ENVIRONMENT_PREFIX =
      Setting.of(
          "secrets.environment-prefix",
          SettingTypes.TEXT,
          SecretsConfig.DEFAULTS.environmentPrefix(),
          "What the names of environment variables with such secrets begin with. It must not lead"
              + " to the broker's own.",
          "HANDLER_SECRET_");
  static final Setting<Duration> REFRESH =
      Setting.of(
          "secrets.refresh",
          QuantityTypes.DURATION,
          SecretsConfig.DEFAULTS.refresh(),
          "How long a file's content is taken for what it is; 0 to 5 minutes. A rotated secret is"
              + " used no later than that.",
          "10s");
  static final List<Setting<?>> ALL = List.of(DIRECTORY, ENVIRONMENT_PREFIX, REFRESH);

  private SecretSettings() {}

  static SecretsConfig read(SettingValues values) {
    return new SecretsConfig(
        values.find(DIRECTORY), values.get(ENVIRONMENT_PREFIX), values.get(REFRESH));
  }
}
