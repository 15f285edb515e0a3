package org.wasmbroker.telemetry;

import java.util.List;

/**
 * Receives the broker's events. Implementations return quickly, throw nothing and may be called
 * from any thread.
 */
@FunctionalInterface
public interface EventSink {
  /** Discards every event. */
  EventSink NONE = event -> {};

  void on(BrokerEvent event);

  /** Passes every event to each of the sinks, in order. */
  static EventSink all(List<EventSink> sinks) {
    var all = sinks.toArray(EventSink[]::new);
    return event -> {
      for (var sink : all) {
        sink.on(event);
      }
    };
  }
}
