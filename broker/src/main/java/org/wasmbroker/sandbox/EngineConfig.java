package org.wasmbroker.sandbox;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Configuration of an engine.
 *
 * @param slots the maximum number of concurrently running guests
 * @param memoryBytes the largest memory limit of any module
 * @param stackBytes the size of the guest's stack, which is part of the stack of the thread that
 *     runs the guest; see {@link #threadStackBytes}
 * @param tick how often deadlines and cancellations are checked
 * @param moduleBytes the largest WebAssembly binary
 * @param compileCache directory for compiled modules that survives restarts; only the broker may
 *     write there; null disables the cache
 * @param library a libwasmtime to use instead of the bundled one, or null
 * @param fuel whether instructions are counted, as required by {@link LimitKind#FUEL}; it slows
 *     guests down
 * @param compile what a compilation may use, in a process of its own; null compiles in this process
 *     without limits, for tests and benchmarks that start many engines
 * @param cacheBounds what the compile cache keeps
 * @param compileSeed directory of modules that were compiled before; it is only read; or null
 */
public record EngineConfig(
    int slots,
    long memoryBytes,
    int stackBytes,
    Duration tick,
    int moduleBytes,
    @Nullable Path compileCache,
    @Nullable Path library,
    boolean fuel,
    @Nullable CompileLimits compile,
    CompileCacheBounds cacheBounds,
    @Nullable Path compileSeed) {

  public EngineConfig {
    if (slots < 1 || slots > 4096) {
      throw new IllegalArgumentException("engine.slots must be 1 to 4096, was " + slots);
    }
    if (memoryBytes < 64 << 10 || memoryBytes > 4L << 30) {
      throw new IllegalArgumentException(
          "engine.memory must be 64 KiB to 4 GiB, was " + memoryBytes + " bytes");
    }
    LimitKind.STACK.check(stackBytes);
    if (tick.toNanos() < 100_000 || tick.toMillis() > 1000) {
      throw new IllegalArgumentException("engine.tick must be 0.1 ms to 1 s, was " + tick);
    }
    LimitKind.MODULE_SIZE.check(moduleBytes);
  }

  /** Does not count instructions, and compiles in this process. */
  public EngineConfig(
      int slots,
      long memoryBytes,
      int stackBytes,
      Duration tick,
      int moduleBytes,
      @Nullable Path compileCache,
      @Nullable Path library) {
    this(
        slots,
        memoryBytes,
        stackBytes,
        tick,
        moduleBytes,
        compileCache,
        library,
        false,
        null,
        CompileCacheBounds.DEFAULTS,
        null);
  }

  public EngineConfig withFuel(boolean counted) {
    return with(library, counted, compile, compileSeed);
  }

  public EngineConfig withLibrary(@Nullable Path file) {
    return with(file, fuel, compile, compileSeed);
  }

  public EngineConfig withCompileSeed(@Nullable Path directory) {
    return with(library, fuel, compile, directory);
  }

  public EngineConfig withCompile(@Nullable CompileLimits limits) {
    return with(library, fuel, limits, compileSeed);
  }

  private EngineConfig with(
      @Nullable Path file, boolean counted, @Nullable CompileLimits limits, @Nullable Path seed) {
    return new EngineConfig(
        slots,
        memoryBytes,
        stackBytes,
        tick,
        moduleBytes,
        compileCache,
        file,
        counted,
        limits,
        cacheBounds,
        seed);
  }

  /**
   * The minimum stack size of a thread that runs guests: the guest's own stack, and space for a
   * host function called from its deepest point.
   */
  public int threadStackBytes() {
    return stackBytes + (512 << 10);
  }

  /**
   * Configuration with this number of slots, the default memory limit of {@link Limits#DEFAULTS},
   * no compile cache, and compilation in this process.
   */
  public static EngineConfig of(int slots) {
    return new EngineConfig(
        slots,
        Limits.DEFAULTS.memoryBytes(),
        (int) LimitKind.STACK.defaultValue(),
        Duration.ofMillis(1),
        (int) LimitKind.MODULE_SIZE.defaultValue(),
        null,
        null);
  }
}
