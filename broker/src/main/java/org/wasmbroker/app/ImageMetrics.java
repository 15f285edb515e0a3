package org.wasmbroker.app;

import java.util.Arrays;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.wasmbroker.registry.image.Lookup;
import org.wasmbroker.registry.image.PreparedImages;
import org.wasmbroker.step.WireName;
import org.wasmbroker.telemetry.micrometer.ImageGauges;

/** What the metrics tell of prepared images. */
final class ImageMetrics {
  private ImageMetrics() {}

  static ImageGauges of(PreparedImages images) {
    return new ImageGauges(
        images::count,
        images::bytes,
        images::maximumBytes,
        images::evicted,
        Arrays.stream(Lookup.values()).collect(Collectors.toMap(WireName::of, lookups(images))));
  }

  private static Function<Lookup, LongSupplier> lookups(PreparedImages images) {
    return lookup -> () -> images.lookups(lookup);
  }
}
