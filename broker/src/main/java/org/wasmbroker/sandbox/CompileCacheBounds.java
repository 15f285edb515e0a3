package org.wasmbroker.sandbox;

import java.time.Duration;

/**
 * What a compile cache keeps.
 *
 * @param age a module that was not used for longer is dropped
 * @param bytes the size of all; beyond it those are dropped that were not used for longest
 */
public record CompileCacheBounds(Duration age, long bytes) {
  private static final Duration MIN_AGE = Duration.ofDays(2);
  private static final Duration MAX_AGE = Duration.ofDays(3650);
  private static final long MIN_BYTES = 16L << 20;
  private static final long MAX_BYTES = 1L << 40;

  public static final CompileCacheBounds DEFAULTS =
      new CompileCacheBounds(Duration.ofDays(30), 1L << 30);

  public CompileCacheBounds {
    if (age.compareTo(MIN_AGE) < 0 || age.compareTo(MAX_AGE) > 0) {
      throw new IllegalArgumentException(
          "engine.compile-cache-age must be 48 h to 87600 h, was " + age.toHours() + " h");
    }
    if (bytes < MIN_BYTES || bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "engine.compile-cache-size must be 16 MiB to 1 TiB, was " + bytes + " bytes");
    }
  }
}
