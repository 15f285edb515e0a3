package org.wasmbroker.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A setting.
 *
 * @param key such as {@code database.pool-size}
 * @param defaultValue the default; null if there is none
 * @param defaultDescription describes the default, if the value itself does not
 * @param description a sentence or two for the operator
 * @param example another sensible value
 */
record Setting<T>(
    String key,
    SettingType<T> kind,
    @Nullable T defaultValue,
    String defaultDescription,
    String description,
    String example) {
  static final String PREFIX = "WASM_BROKER_";

  /** A setting that always has a value. */
  static <T> Setting<T> of(
      String key, SettingType<T> kind, T defaultValue, String description, String example) {
    return new Setting<>(key, kind, defaultValue, "", description, example);
  }

  /** A setting without a default value. */
  static <T> Setting<T> optional(
      String key,
      SettingType<T> kind,
      String defaultDescription,
      String description,
      String example) {
    return new Setting<>(key, kind, null, defaultDescription, description, example);
  }

  /** The name of the environment variable, such as {@code WASM_BROKER_DATABASE_POOL_SIZE}. */
  String environmentVariable() {
    return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** The default as shown in docs/configuration.md. */
  String defaultText() {
    return defaultDescription.isEmpty() && defaultValue != null
        ? kind.format().apply(defaultValue)
        : defaultDescription;
  }
}
