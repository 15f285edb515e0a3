package org.wasmbroker.cache;

/**
 * The caches of all handlers together.
 *
 * @param maxBytes what they may occupy; 0 for nothing, so that nothing is kept
 */
public record CacheConfig(long maxBytes) {
  public static final CacheConfig DEFAULTS = new CacheConfig(16 << 20);

  private static final long MIN_BYTES = 1 << 20;
  private static final long MAX_BYTES = 64L << 30;

  public CacheConfig {
    if (maxBytes != 0 && (maxBytes < MIN_BYTES || maxBytes > MAX_BYTES)) {
      throw new IllegalArgumentException(
          "cache.size must be 0 or 1 MiB to 64 GiB, was " + maxBytes + " bytes");
    }
  }
}
