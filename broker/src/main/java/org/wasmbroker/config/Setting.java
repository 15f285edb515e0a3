package org.wasmbroker.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One row of the table of settings.
 *
 * @param key such as {@code database.pool-size}
 * @param fallback the value where nobody gives one; null where there is none then
 * @param unset what it means that nobody gives one, where the fallback does not say it
 * @param meaning a sentence or two for the operator
 * @param example another sensible value
 */
record Setting<T>(
    String key, Kind<T> kind, @Nullable T fallback, String unset, String meaning, String example) {
  static final String PREFIX = "WASM_BROKER_";

  /** A setting that always has a value. */
  static <T> Setting<T> of(String key, Kind<T> kind, T fallback, String meaning, String example) {
    return new Setting<>(key, kind, fallback, "", meaning, example);
  }

  /** A setting that may have none. */
  static <T> Setting<T> optional(
      String key, Kind<T> kind, String unset, String meaning, String example) {
    return new Setting<>(key, kind, null, unset, meaning, example);
  }

  /** The name of the environment variable, such as {@code WASM_BROKER_DATABASE_POOL_SIZE}. */
  String variable() {
    return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** What the document says of a setting that nobody gives. */
  String fallbackText() {
    return unset.isEmpty() && fallback != null ? kind.write().apply(fallback) : unset;
  }
}
