package org.wasmbroker.config;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.dispatch.DispatchConfig;

/** The settings {@code dispatch.*}. */
final class DispatchSettings {
  private static final DispatchConfig DEFAULTS = DispatchConfig.DEFAULTS;

  static final Setting<Integer> SLOTS =
      new Setting<>(
          "dispatch.slots",
          SettingTypes.INTEGER,
          DEFAULTS.slots(),
          "128 for each processor, at most 1024",
          "Maximum number of steps in flight, each on its own thread: their guests compute or wait"
              + " for others; 1 to 4096.",
          "16");
  static final Setting<Integer> PROCESSORS =
      new Setting<>(
          "dispatch.processors",
          SettingTypes.INTEGER,
          DEFAULTS.processors(),
          "number of processors, at least 2",
          "Maximum number of guests that compute at once; 1 to 4096. A guest that waits for an HTTP"
              + " response or a clock is not among them.",
          "4");
  static final Setting<Duration> SLICE =
      Setting.of(
          "dispatch.slice",
          QuantityTypes.DURATION,
          DEFAULTS.slice(),
          "A guest that has computed for longer gives way to others that have computed less, each"
              + " `engine.tick`; 1 ms to 10 s. `wasmtime-java` cannot do so while a guest"
              + " computes.",
          "20ms");
  static final Setting<Long> MEMORY =
      new Setting<>(
          "dispatch.memory",
          QuantityTypes.SIZE,
          DEFAULTS.memoryBytes(),
          "half the memory of the machine or container",
          "Memory budget for all guests in flight; one that computes counts with the maximum that"
              + " its limits allow, one that waits with what it has. At least `limits.memory`.",
          "8GiB");
  static final Setting<Duration> PREFETCH_WINDOW =
      Setting.of(
          "dispatch.prefetch-window",
          QuantityTypes.DURATION,
          DEFAULTS.prefetchWindow(),
          "Steps expected to start within this time, based on recent run times, are claimed"
              + " ahead; 0 to 10 s.",
          "20ms");
  static final Setting<Integer> PREFETCH_MAX =
      Setting.of(
          "dispatch.prefetch-max",
          SettingTypes.INTEGER,
          DEFAULTS.prefetchMax(),
          "Maximum number of steps claimed ahead; 0 disables prefetching. 0 to 100000.",
          "0");
  static final Setting<Duration> DRAIN_GRACE =
      Setting.of(
          "dispatch.drain-grace",
          QuantityTypes.DURATION,
          DEFAULTS.drainGrace(),
          "How long running steps may continue during shutdown; after that they are"
              + " interrupted and released.",
          "10s");
  static final Setting<Duration> RETRY_BASE =
      Setting.of(
          "dispatch.retry-base",
          QuantityTypes.DURATION,
          DEFAULTS.retryBase(),
          "Delay before the second attempt; it doubles with each further attempt.",
          "5s");
  static final Setting<Duration> RETRY_MAX =
      Setting.of(
          "dispatch.retry-max",
          QuantityTypes.DURATION,
          DEFAULTS.retryMax(),
          "Maximum delay before an attempt, unless the handler asks for more.",
          "15m");
  static final Setting<Duration> RETRY_AFTER_MAX =
      Setting.of(
          "dispatch.retry-after-max",
          QuantityTypes.DURATION,
          DEFAULTS.retryAfterMax(),
          "Maximum delay that a handler may ask for.",
          "1d");
  static final Setting<Duration> STALL_AFTER =
      Setting.of(
          "dispatch.stall-after",
          QuantityTypes.DURATION,
          DEFAULTS.stallAfter(),
          "If no step has started for this time although some could, or every slot is held by a"
              + " step that exceeds its time limit by it, the broker is not ready; 1 s to 1 d.",
          "5m");
  static final List<Setting<?>> ALL =
      List.of(
          SLOTS,
          PROCESSORS,
          SLICE,
          MEMORY,
          PREFETCH_WINDOW,
          PREFETCH_MAX,
          DRAIN_GRACE,
          RETRY_BASE,
          RETRY_MAX,
          RETRY_AFTER_MAX,
          STALL_AFTER);

  private DispatchSettings() {}

  static DispatchConfig read(SettingValues values) {
    return new DispatchConfig(
        values.get(SLOTS),
        values.get(PROCESSORS),
        values.get(SLICE),
        values.get(MEMORY),
        values.get(PREFETCH_WINDOW),
        values.get(PREFETCH_MAX),
        values.get(DRAIN_GRACE),
        values.get(RETRY_BASE),
        values.get(RETRY_MAX),
        values.get(RETRY_AFTER_MAX),
        values.get(STALL_AFTER));
  }
}
