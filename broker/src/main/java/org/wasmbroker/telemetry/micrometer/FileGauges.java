package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.LongSupplier;

/**
 * The memory of the files of steps, read at each scrape.
 *
 * @param bytes what they occupy
 * @param limit what they may occupy, in bytes
 */
public record FileGauges(LongSupplier bytes, LongSupplier limit) {
  void register(MeterRegistry registry) {
    Gauge.builder("wasm.broker.files.size", bytes::getAsLong)
        .description(
            "What the files of steps in flight occupy, with the operator's directories and the"
                + " archives of modules.")
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder("wasm.broker.files.limit", limit::getAsLong)
        .description("What they may occupy: `files.size`.")
        .baseUnit("bytes")
        .register(registry);
  }
}
