package org.wasmbroker.registry.store;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where modules of remote sources are kept.
 *
 * @param directory only the broker may write to it; null keeps nothing
 * @param bytes the size of all modules; beyond it those are removed that no release names
 */
public record StoreConfig(@Nullable Path directory, long bytes) {
  private static final long MIN_BYTES = 16L << 20;
  private static final long MAX_BYTES = 1L << 40;

  public static final StoreConfig NONE = new StoreConfig(null, 1L << 30);

  public StoreConfig {
    if (bytes < MIN_BYTES || bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "registry.store-size must be 16 MiB to 1 TiB, was " + bytes + " bytes");
    }
  }
}
