package org.wasmbroker.testing;

import java.time.Duration;
import org.wasmbroker.dispatch.DispatchConfig;

/** The default configuration of dispatch with a few changes. */
public final class DispatchConfigs {
  private DispatchConfigs() {}

  public static DispatchConfig of(int slots) {
    return of(slots, DispatchConfig.DEFAULTS.drainGrace());
  }

  public static DispatchConfig of(int slots, Duration drainGrace) {
    var defaults = DispatchConfig.DEFAULTS;
    return new DispatchConfig(
        slots,
        defaults.memoryBytes(),
        defaults.prefetchWindow(),
        defaults.prefetchMax(),
        drainGrace,
        defaults.retryBase(),
        defaults.retryMax(),
        defaults.retryAfterMax(),
        defaults.stallAfter());
  }
}
