package org.wasmbroker.capability;

import java.time.Duration;

/**
 * What a handler may keep in the broker's memory for each namespace.
 *
 * @param bytes of keys and values together, with what an entry costs besides
 * @param entries how many at most
 * @param ttl how long each is kept at most
 */
public record CacheGrant(long bytes, int entries, Duration ttl) {
  /** No cache. */
  public static final CacheGrant NONE = new CacheGrant(0, 0, Duration.ZERO);

  static final int DEFAULT_ENTRIES = 10_000;
  static final Duration DEFAULT_TTL = Duration.ofHours(1);

  private static final long MIN_BYTES = 4 << 10;
  private static final long MAX_BYTES = 1 << 30;
  private static final int MAX_ENTRIES = 1_000_000;
  private static final Duration MIN_TTL = Duration.ofMillis(1);
  private static final Duration MAX_TTL = Duration.ofDays(7);

  public CacheGrant {
    if (bytes != 0 || entries != 0 || !ttl.isZero()) {
      if (bytes < MIN_BYTES || bytes > MAX_BYTES) {
        throw new IllegalArgumentException("size must be 4KiB to 1GiB, was " + bytes + " bytes");
      }
      if (entries < 1 || entries > MAX_ENTRIES) {
        throw new IllegalArgumentException(
            "entries must be 1 to " + MAX_ENTRIES + ", was " + entries);
      }
      if (ttl.compareTo(MIN_TTL) < 0 || ttl.compareTo(MAX_TTL) > 0) {
        throw new IllegalArgumentException("ttl must be 1ms to 7d, was " + ttl);
      }
    }
  }

  /** Of a size, with the defaults of the rest. */
  static CacheGrant ofSize(long bytes) {
    return new CacheGrant(bytes, DEFAULT_ENTRIES, DEFAULT_TTL);
  }

  /** Whether there is none. */
  public boolean isNone() {
    return bytes == 0;
  }

  /** The larger one of each bound. */
  CacheGrant or(CacheGrant other) {
    return new CacheGrant(
        Math.max(bytes, other.bytes),
        Math.max(entries, other.entries),
        ttl.compareTo(other.ttl) >= 0 ? ttl : other.ttl);
  }

  /** Such as {@code 4194304 bytes, 10000 entries, each for PT1H}. */
  String describe() {
    return "%d bytes, %d entries, each for %s".formatted(bytes, entries, ttl);
  }
}
