package org.wasmbroker.testing;

import java.time.Duration;
import org.wasmbroker.dispatch.DispatchConfig;

/** The default configuration of dispatch with a few changes. */
public final class DispatchConfigs {
  private DispatchConfigs() {}

  public static DispatchConfig of(int slots) {
    return of(slots, DispatchConfig.DEFAULTS.drainGrace());
  }

  /** Of the steps in flight so many compute at once. */
  public static DispatchConfig of(int slots, int processors) {
    return of(slots, processors, DispatchConfig.DEFAULTS.memoryBytes());
  }

  public static DispatchConfig of(int slots, Duration drainGrace) {
    return of(slots, slots, DispatchConfig.DEFAULTS.memoryBytes(), drainGrace);
  }

  /** With so much memory for all guests together. */
  public static DispatchConfig of(int slots, int processors, long memoryBytes) {
    return of(slots, processors, memoryBytes, DispatchConfig.DEFAULTS.drainGrace());
  }

  private static DispatchConfig of(
      int slots, int processors, long memoryBytes, Duration drainGrace) {
    var defaults = DispatchConfig.DEFAULTS;
    return new DispatchConfig(
        slots,
        processors,
        defaults.slice(),
        memoryBytes,
        defaults.prefetchWindow(),
        defaults.prefetchMax(),
        drainGrace,
        defaults.retryBase(),
        defaults.retryMax(),
        defaults.retryAfterMax(),
        defaults.stallAfter());
  }
}
