package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.LongSupplier;

/**
 * The caches of guests, read at each scrape.
 *
 * @param entries how many are kept
 * @param bytes what they occupy
 * @param limit what they may occupy, in bytes
 * @param dropped how many were dropped for want of room
 */
public record CacheGauges(
    LongSupplier entries, LongSupplier bytes, LongSupplier limit, LongSupplier dropped) {
  void register(MeterRegistry registry) {
    Gauge.builder("wasm.broker.cache.entries", entries::getAsLong)
        .description("What steps keep for each other: entries of all handlers.")
        .register(registry);
    Gauge.builder("wasm.broker.cache.size", bytes::getAsLong)
        .description("What these entries occupy.")
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder("wasm.broker.cache.limit", limit::getAsLong)
        .description("What they may occupy: `cache.size`.")
        .baseUnit("bytes")
        .register(registry);
    FunctionCounter.builder("wasm.broker.cache.evicted", registry, _ -> dropped.getAsLong())
        .description("Entries that were dropped for want of room, before their time was up.")
        .register(registry);
  }
}
