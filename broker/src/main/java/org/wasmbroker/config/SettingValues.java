package org.wasmbroker.config;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The value of every setting: the configured one, which is valid for its type, or else the default.
 */
record SettingValues(Map<String, RawValue> raw) {
  /** The value of a setting with a default. */
  <T> T get(Setting<T> setting) {
    return Objects.requireNonNull(find(setting), setting.key());
  }

  /** The value of a setting, or null if it has none. */
  <T> @Nullable T find(Setting<T> setting) {
    var value = raw.get(setting.key());
    return value == null
        ? setting.defaultValue()
        : setting.kind().parse().apply(value.text()).orElseThrow();
  }

  /** Only one setting as configured, and defaults for all others. */
  SettingValues withOnly(Setting<?> setting) {
    var value = raw.get(setting.key());
    return new SettingValues(value == null ? Map.of() : Map.of(setting.key(), value));
  }
}
