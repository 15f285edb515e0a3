package org.wasmbroker.app;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.telemetry.micrometer.PrometheusMetrics;

/** The metrics, with what was measured of the queues last. */
final class MetricsPage {
  private final PrometheusMetrics metrics;
  private final CachedCheck queues;

  MetricsPage(PrometheusMetrics metrics, CachedCheck queues) {
    this.metrics = metrics;
    this.queues = queues;
  }

  Response respond(@Nullable String accept) {
    var scrape = metrics.scrape(accept);
    return Response.text(scrape.contentType(), scrape.text());
  }

  /** Waits briefly for the queue depths; those before are kept if that takes longer. */
  void countQueues() throws InterruptedException {
    var _ = queues.result();
  }
}
