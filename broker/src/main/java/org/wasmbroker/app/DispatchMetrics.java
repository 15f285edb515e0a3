package org.wasmbroker.app;

import java.time.Duration;
import java.util.function.IntSupplier;
import org.wasmbroker.dispatch.Dispatcher;
import org.wasmbroker.telemetry.micrometer.Gauges;

/** What the metrics tell of a dispatcher. */
final class DispatchMetrics {
  private DispatchMetrics() {}

  /**
   * The gauges of a dispatcher.
   *
   * @param backlog how many outcomes wait to be written
   */
  static Gauges of(Dispatcher dispatcher, IntSupplier backlog, Duration drainGrace) {
    return new Gauges(
        dispatcher::slots,
        dispatcher::running,
        dispatcher::processors,
        dispatcher::computing,
        dispatcher::waitingForPermit,
        dispatcher::waiting,
        dispatcher::memoryBytes,
        dispatcher::memoryInUse,
        dispatcher::waitingForMemory,
        dispatcher::prefetch,
        backlog,
        () -> dispatcher.progress().stalled().toMillis() / 1000.0,
        drainGrace.toMillis() / 1000.0);
  }
}
