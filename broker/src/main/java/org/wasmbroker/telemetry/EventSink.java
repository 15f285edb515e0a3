package org.wasmbroker.telemetry;

import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Receives the broker's events. Implementations return quickly, throw nothing and may be called
 * from any thread.
 */
@FunctionalInterface
public interface EventSink {
  /** Discards every event. */
  EventSink NONE = event -> {};

  void on(BrokerEvent event);

  /**
   * Passes every event to each of the sinks, in order. A sink that fails harms neither the others
   * nor the stage that reports, which may hold claimed steps.
   */
  static EventSink all(List<EventSink> sinks) {
    var all = sinks.toArray(EventSink[]::new);
    return event -> {
      for (var sink : all) {
        try {
          sink.on(event);
        } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError failure) {
          LoggerFactory.getLogger(EventSink.class)
              .error("an event could not be recorded: {}", event.getClass().getName(), failure);
        }
      }
    };
  }
}
