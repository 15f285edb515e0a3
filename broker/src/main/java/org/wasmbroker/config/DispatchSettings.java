package org.wasmbroker.config;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.dispatch.DispatchConfig;

/** How steps are run. */
final class DispatchSettings {
  private static final DispatchConfig DEFAULTS = DispatchConfig.DEFAULTS;

  static final Setting<Integer> SLOTS =
      new Setting<>(
          "dispatch.slots",
          SettingTypes.INTEGER,
          DEFAULTS.slots(),
          "the processors, at least 2",
          "How many guests run at once, a thread each; 1 to 10000.",
          "16");
  static final Setting<Long> MEMORY =
      new Setting<>(
          "dispatch.memory",
          QuantityTypes.SIZE,
          DEFAULTS.memoryBytes(),
          "half of the machine's, or of the container's",
          "What the guests that run at once may use together, each counted with all that its limits"
              + " allow. At least `limits.memory`.",
          "8GiB");
  static final Setting<Duration> PREFETCH_WINDOW =
      Setting.of(
          "dispatch.prefetch-window",
          QuantityTypes.DURATION,
          DEFAULTS.prefetchWindow(),
          "Steps that will start within this time, as recent run times say, are claimed ahead;"
              + " 0 to 10 s.",
          "20ms");
  static final Setting<Integer> PREFETCH_MAX =
      Setting.of(
          "dispatch.prefetch-max",
          SettingTypes.INTEGER,
          DEFAULTS.prefetchMax(),
          "The most steps that are claimed ahead; 0 claims none. 0 to 100000.",
          "0");
  static final Setting<Duration> DRAIN_GRACE =
      Setting.of(
          "dispatch.drain-grace",
          QuantityTypes.DURATION,
          DEFAULTS.drainGrace(),
          "How long running steps may go on when the broker stops; then they are interrupted and"
              + " given back.",
          "10s");
  static final Setting<Duration> RETRY_BASE =
      Setting.of(
          "dispatch.retry-base",
          QuantityTypes.DURATION,
          DEFAULTS.retryBase(),
          "The delay before a second attempt; it doubles with each further one.",
          "5s");
  static final Setting<Duration> RETRY_MAX =
      Setting.of(
          "dispatch.retry-max",
          QuantityTypes.DURATION,
          DEFAULTS.retryMax(),
          "The longest delay of the broker's own before an attempt.",
          "15m");
  static final Setting<Duration> RETRY_AFTER_MAX =
      Setting.of(
          "dispatch.retry-after-max",
          QuantityTypes.DURATION,
          DEFAULTS.retryAfterMax(),
          "The longest delay that a handler may ask for.",
          "1d");
  static final List<Setting<?>> ALL =
      List.of(
          SLOTS,
          MEMORY,
          PREFETCH_WINDOW,
          PREFETCH_MAX,
          DRAIN_GRACE,
          RETRY_BASE,
          RETRY_MAX,
          RETRY_AFTER_MAX);

  private DispatchSettings() {}

  static DispatchConfig read(SettingValues values) {
    return new DispatchConfig(
        values.get(SLOTS),
        values.get(MEMORY),
        values.get(PREFETCH_WINDOW),
        values.get(PREFETCH_MAX),
        values.get(DRAIN_GRACE),
        values.get(RETRY_BASE),
        values.get(RETRY_MAX),
        values.get(RETRY_AFTER_MAX));
  }
}
