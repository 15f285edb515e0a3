package org.wasmbroker.config;

import java.util.List;
import org.wasmbroker.cache.CacheConfig;

/** The settings {@code cache.*}. */
final class CacheSettings {
  static final Setting<Long> SIZE =
      Setting.of(
          "cache.size",
          QuantityTypes.SIZE,
          CacheConfig.DEFAULTS.maxBytes(),
          "The size of all entries that steps keep for each other, of all handlers to which the"
              + " policy grants a cache. They are in the Java heap. 1 MiB to 64 GiB, or 0 to keep"
              + " nothing.",
          "256MiB");
  static final List<Setting<?>> ALL = List.of(SIZE);

  private CacheSettings() {}

  static CacheConfig read(SettingValues values) {
    return new CacheConfig(values.get(SIZE));
  }
}
