package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The meters of something that may go, such as a handler; they go with it. */
final class OwnedMeters {
  private final MeterRegistry registry;
  private final Queue<Meter> meters = new ConcurrentLinkedQueue<>();
  private volatile boolean removed;

  OwnedMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  MeterRegistry registry() {
    return registry;
  }

  <M extends Meter> M own(M meter) {
    meters.add(meter);
    if (removed) {
      removeAll(); // a late event has made it
    }
    return meter;
  }

  void remove() {
    removed = true;
    removeAll();
  }

  private void removeAll() {
    for (var meter = meters.poll(); meter != null; meter = meters.poll()) {
      registry.remove(meter);
    }
  }
}
