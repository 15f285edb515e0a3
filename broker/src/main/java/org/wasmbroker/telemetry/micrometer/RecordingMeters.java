package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import org.wasmbroker.step.WireName;
import org.wasmbroker.telemetry.RecordingEvent;
import org.wasmbroker.telemetry.RecordingEvent.Reason;

/** The meters of recorded steps. */
final class RecordingMeters {
  private final Counter written;
  private final Counter bytes;
  private final Map<Reason, Counter> dropped = new EnumMap<>(Reason.class);
  private volatile int files;
  private volatile long size;

  RecordingMeters(MeterRegistry registry) {
    written = Meters.counter(registry, "wasm.broker.recordings", "Recordings of steps written.");
    bytes =
        Counter.builder("wasm.broker.recordings.written")
            .description("Bytes of the recordings of steps written.")
            .baseUnit("bytes")
            .register(registry);
    for (var reason : Reason.values()) {
      dropped.put(
          reason,
          Counter.builder("wasm.broker.recordings.dropped")
              .description(
                  "Steps that were to be recorded and are not: too many at once (rate, backlog),"
                      + " not writable (disk), a secret that could not be masked, an internal"
                      + " fault.")
              .tag("reason", WireName.of(reason))
              .register(registry));
    }
    Gauge.builder("wasm.broker.recordings.kept", () -> files)
        .description("Recordings in the directory, as of the last look at it.")
        .register(registry);
    Gauge.builder("wasm.broker.recordings.kept.size", () -> size)
        .description("Size of the recordings in the directory, as of the last look at it.")
        .baseUnit("bytes")
        .register(registry);
  }

  void on(RecordingEvent event) {
    switch (event) {
      case RecordingEvent.Written(long length) -> {
        written.increment();
        bytes.increment((double) length);
      }
      case RecordingEvent.Dropped(Reason reason) -> {
        var counter = dropped.get(reason);
        if (counter != null) {
          counter.increment();
        }
      }
      case RecordingEvent.Kept(int count, long length) -> {
        files = count;
        size = length;
      }
    }
  }
}
