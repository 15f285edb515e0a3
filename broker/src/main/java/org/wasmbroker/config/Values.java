package org.wasmbroker.config;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The value of every setting: what was given, each known to be allowed by its kind, or else the
 * fallback.
 */
record Values(Map<String, Given> given) {
  /** The value of a setting that always has one. */
  <T> T get(Setting<T> setting) {
    return Objects.requireNonNull(find(setting), setting.key());
  }

  /** The value of a setting, or null where it has none. */
  <T> @Nullable T find(Setting<T> setting) {
    var text = given.get(setting.key());
    return text == null
        ? setting.fallback()
        : setting.kind().parse().apply(text.text()).orElseThrow();
  }

  /** These with one setting as it was given, and fallbacks for all others. */
  Values only(Setting<?> setting) {
    var text = given.get(setting.key());
    return new Values(text == null ? Map.of() : Map.of(setting.key(), text));
  }
}
