package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The cache of prepared images, read at each scrape, so that a step costs no event.
 *
 * @param count how many are kept
 * @param bytes what they occupy
 * @param limit what they may occupy, in bytes
 * @param evicted how many were dropped because others needed their place
 * @param lookups how many look-ups ended in which way, by its name
 */
public record ImageGauges(
    LongSupplier count,
    LongSupplier bytes,
    LongSupplier limit,
    LongSupplier evicted,
    Map<String, LongSupplier> lookups) {
  public ImageGauges {
    lookups = Map.copyOf(lookups);
  }

  /**
   * Counters refer to their object weakly: here to the registry, which lives as long as they do.
   */
  void register(MeterRegistry registry) {
    Gauge.builder("wasm.broker.images", count::getAsLong)
        .description("Prepared images that are kept, and failed preparations that are remembered.")
        .register(registry);
    bytes(registry, "wasm.broker.images.size", "What the prepared images occupy.", bytes);
    bytes(
        registry,
        "wasm.broker.images.limit",
        "What the prepared images may occupy: `registry.images-size`.",
        limit);
    FunctionCounter.builder("wasm.broker.images.evicted", registry, _ -> evicted.getAsLong())
        .description("Prepared images that were dropped because others needed their place.")
        .register(registry);
    lookups.forEach(
        (result, count) ->
            FunctionCounter.builder("wasm.broker.image.lookups", registry, _ -> count.getAsLong())
                .description(
                    "Runs of modules that prepare, by what they found: an image (hit); nothing,"
                        + " and they made one (made); nothing, and they prepared themselves, since"
                        + " the configuration was new (new), or the image was being made or images"
                        + " did not pay yet (deferred); that the image is too large (too_large);"
                        + " that the preparation fails (failed).")
                .tag("result", result)
                .register(registry));
  }

  private static void bytes(
      MeterRegistry registry, String name, String description, LongSupplier value) {
    Gauge.builder(name, value::getAsLong)
        .description(description)
        .baseUnit("bytes")
        .register(registry);
  }
}
