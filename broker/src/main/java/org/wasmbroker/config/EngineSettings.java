package org.wasmbroker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.sandbox.CompileCacheBounds;
import org.wasmbroker.sandbox.CompileLimits;
import org.wasmbroker.sandbox.EngineConfig;

/** The settings {@code engine.*}. */
final class EngineSettings {
  private static final EngineConfig DEFAULTS = EngineConfig.of(DispatchConfig.DEFAULTS.slots());

  static final Setting<EngineName> NAME =
      Setting.of(
          "engine.name",
          SettingTypes.oneOf(EngineName.class),
          EngineName.WASMTIME,
          "`wasmtime` uses libwasmtime; `wasmtime-java` uses the library of that name, for"
              + " machines where libwasmtime cannot be loaded.",
          "wasmtime-java");
  static final Setting<Path> LIBRARY =
      Setting.optional(
          "engine.library",
          SettingTypes.PATH,
          "the bundled one",
          "A libwasmtime to use instead of the bundled one; it must have exactly the same"
              + " version.",
          "/usr/lib/libwasmtime.so");
  static final Setting<Path> COMPILE_CACHE =
      Setting.optional(
          "engine.compile-cache",
          SettingTypes.PATH,
          "`$XDG_CACHE_HOME/wasm-broker/compiled`, else `~/.cache/wasm-broker/compiled`",
          "Directory for compiled modules, which are kept between starts. They are native"
              + " code: only the broker may have write access. `none` disables the cache.",
          "/var/cache/wasm-broker");
  static final Setting<Duration> COMPILE_CACHE_AGE =
      Setting.of(
          "engine.compile-cache-age",
          QuantityTypes.DURATION,
          CompileCacheBounds.DEFAULTS.age(),
          "Compiled modules that were not used for longer are dropped from the cache; 48 h to"
              + " 87600 h.",
          "168h");
  static final Setting<Long> COMPILE_CACHE_SIZE =
      Setting.of(
          "engine.compile-cache-size",
          QuantityTypes.SIZE,
          CompileCacheBounds.DEFAULTS.bytes(),
          "The size of the compile cache; beyond it, those modules are dropped that were not used"
              + " for longest. 16 MiB to 1 TiB.",
          "4GiB");
  static final Setting<Path> COMPILE_SEED =
      Setting.optional(
          "engine.compile-seed",
          SettingTypes.PATH,
          "none; in the container image its own",
          "Directory of modules that `wasm-broker precompile` has compiled, which is only read. It"
              + " must belong to root or the broker's user, and nobody else may have write access."
              + " What does not fit this broker or its processor is compiled. Only used by"
              + " `wasmtime`.",
          "/opt/wasm-broker/compiled");
  static final Setting<Integer> STACK =
      Setting.of(
          "engine.stack",
          QuantityTypes.INT_SIZE,
          DEFAULTS.stackBytes(),
          "The guest's stack; 64 KiB to 8 MiB.",
          "1MiB");
  static final Setting<Duration> TICK =
      Setting.of(
          "engine.tick",
          QuantityTypes.DURATION,
          DEFAULTS.tick(),
          "How often deadlines and cancellations are checked; 100 us to 1 s.",
          "10ms");
  static final Setting<Integer> MODULE_SIZE =
      Setting.of(
          "engine.module-size",
          QuantityTypes.INT_SIZE,
          DEFAULTS.moduleBytes(),
          "Maximum size of a WebAssembly binary; 8 bytes to 256 MiB.",
          "50MiB");
  static final Setting<Boolean> FUEL =
      Setting.of(
          "engine.fuel",
          SettingTypes.BOOLEAN,
          false,
          "Whether guests' instructions are counted, so that `limits.fuel` can limit them."
              + " This slows every guest down; only supported by `wasmtime`.",
          "true");
  static final Setting<Duration> COMPILE_TIME =
      Setting.of(
          CompileLimits.TIME_KEY,
          QuantityTypes.DURATION,
          CompileLimits.DEFAULTS.time(),
          "How long the compilation of one module may take; 100 ms to 1 h. A module that takes"
              + " longer is refused; up to ten times as long if the machine is busy, since"
              + " compilations yield to running guests. Only enforced by `wasmtime`.",
          "5m");
  static final Setting<Long> COMPILE_MEMORY =
      Setting.of(
          CompileLimits.MEMORY_KEY,
          QuantityTypes.SIZE,
          CompileLimits.DEFAULTS.memoryBytes(),
          "The memory that the compilation of one module may use, in a process of its own that"
              + " exists only while there is something to compile; 32 MiB to 64 GiB. A module that"
              + " needs more is refused. Only enforced by `wasmtime`.",
          "2GiB");
  static final Setting<Integer> COMPILE_CONCURRENCY =
      Setting.of(
          "engine.compile-concurrency",
          SettingTypes.INTEGER,
          CompileLimits.DEFAULTS.concurrency(),
          "How many modules are compiled at once; 1 to 64.",
          "1");
  static final List<Setting<?>> ALL =
      List.of(
          NAME,
          LIBRARY,
          COMPILE_CACHE,
          COMPILE_CACHE_AGE,
          COMPILE_CACHE_SIZE,
          COMPILE_SEED,
          COMPILE_TIME,
          COMPILE_MEMORY,
          COMPILE_CONCURRENCY,
          STACK,
          TICK,
          MODULE_SIZE,
          FUEL);

  private EngineSettings() {}

  /**
   * @param slots the maximum number of concurrent guests
   * @param memoryBytes the largest memory limit
   * @param compileCache where compiled modules are kept, or null
   */
  static EngineConfig read(
      SettingValues values, int slots, long memoryBytes, @Nullable Path compileCache) {
    return new EngineConfig(
        slots,
        memoryBytes,
        values.get(STACK),
        values.get(TICK),
        values.get(MODULE_SIZE),
        compileCache,
        values.find(LIBRARY),
        values.get(FUEL),
        new CompileLimits(
            values.get(COMPILE_TIME), values.get(COMPILE_MEMORY), values.get(COMPILE_CONCURRENCY)),
        new CompileCacheBounds(values.get(COMPILE_CACHE_AGE), values.get(COMPILE_CACHE_SIZE)),
        values.find(COMPILE_SEED));
  }
}
