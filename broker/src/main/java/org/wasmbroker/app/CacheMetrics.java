package org.wasmbroker.app;

import org.wasmbroker.cache.GuestCaches;
import org.wasmbroker.telemetry.micrometer.CacheGauges;

/** What the metrics tell of the caches of guests. */
final class CacheMetrics {
  private CacheMetrics() {}

  static CacheGauges of(GuestCaches caches) {
    return new CacheGauges(caches::count, caches::bytes, caches::maximumBytes, caches::dropped);
  }
}
