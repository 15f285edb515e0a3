package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.wasmbroker.telemetry.TraceEvent;

/** The meters of the export of traces; all of them are 0 where nothing is traced. */
final class TraceMeters {
  private final Counter exported;
  private final Counter failed;
  private final Counter dropped;

  TraceMeters(MeterRegistry registry) {
    exported = counter(registry, "exported");
    failed = counter(registry, "failed");
    dropped = counter(registry, "dropped");
  }

  private static Counter counter(MeterRegistry registry, String result) {
    return Counter.builder("wasm.broker.trace.spans")
        .description(
            "Recorded spans: exported to the collector, failed to be, or dropped because the queue"
                + " was full or the broker stopped.")
        .tag("result", result)
        .register(registry);
  }

  void on(TraceEvent event) {
    switch (event) {
      case TraceEvent.Exported(int spans) -> exported.increment(spans);
      case TraceEvent.ExportFailed(int spans) -> failed.increment(spans);
      case TraceEvent.Dropped(int spans) -> dropped.increment(spans);
    }
  }
}
