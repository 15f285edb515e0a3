package org.wasmbroker.app;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.telemetry.micrometer.PrometheusMetrics;

/** The metrics, with the queues counted anew if that was not done just now. */
final class MetricsPage {
  private final PrometheusMetrics metrics;
  private final CachedCheck queues;

  MetricsPage(PrometheusMetrics metrics, CachedCheck queues) {
    this.metrics = metrics;
    this.queues = queues;
  }

  Response respond(@Nullable String accept) throws InterruptedException {
    countQueues();
    var scrape = metrics.scrape(accept);
    return Response.text(scrape.contentType(), scrape.text());
  }

  /** Waits a little for the queues' numbers; without them they are not a number. */
  void countQueues() throws InterruptedException {
    var _ = queues.result();
  }
}
