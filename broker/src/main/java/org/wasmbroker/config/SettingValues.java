package org.wasmbroker.config;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The value of every setting: what was given, each known to be allowed by its kind, or else the
 * fallback.
 */
record SettingValues(Map<String, RawValue> raw) {
  /** The value of a setting that always has one. */
  <T> T get(Setting<T> setting) {
    return Objects.requireNonNull(find(setting), setting.key());
  }

  /** The value of a setting, or null where it has none. */
  <T> @Nullable T find(Setting<T> setting) {
    var value = raw.get(setting.key());
    return value == null
        ? setting.defaultValue()
        : setting.kind().parse().apply(value.text()).orElseThrow();
  }

  /** These with one setting as it was given, and fallbacks for all others. */
  SettingValues withOnly(Setting<?> setting) {
    var value = raw.get(setting.key());
    return new SettingValues(value == null ? Map.of() : Map.of(setting.key(), value));
  }
}
