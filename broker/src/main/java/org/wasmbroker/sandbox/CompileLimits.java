package org.wasmbroker.sandbox;

import java.time.Duration;

/**
 * What the compilation of one module may use, in a process of its own.
 *
 * @param time how long one compilation may take
 * @param memoryBytes the memory that one compilation may use beyond that of an idle compiler
 * @param concurrency how many compilations run at once; others wait
 */
public record CompileLimits(Duration time, long memoryBytes, int concurrency) {
  public static final String TIME_KEY = "engine.compile-time";
  public static final String MEMORY_KEY = "engine.compile-memory";

  public static final CompileLimits DEFAULTS =
      new CompileLimits(Duration.ofMinutes(2), 1L << 30, 2);

  private static final long MIN_MEMORY = 32L << 20;
  private static final long MAX_MEMORY = 64L << 30;

  public CompileLimits {
    if (time.toMillis() < 100 || time.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(
          TIME_KEY + " must be 100 ms to 1 h, was " + time.toMillis() + " ms");
    }
    if (memoryBytes < MIN_MEMORY || memoryBytes > MAX_MEMORY) {
      throw new IllegalArgumentException(
          MEMORY_KEY + " must be 32 MiB to 64 GiB, was " + memoryBytes + " bytes");
    }
    if (concurrency < 1 || concurrency > 64) {
      throw new IllegalArgumentException(
          "engine.compile-concurrency must be 1 to 64, was " + concurrency);
    }
  }
}
