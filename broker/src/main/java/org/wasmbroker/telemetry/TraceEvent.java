package org.wasmbroker.telemetry;

/** What became of the spans of traces. */
public sealed interface TraceEvent extends BrokerEvent {
  /** Spans reached the collector. */
  record Exported(int spans) implements TraceEvent {}

  /** Spans were given up after attempts to export them. */
  record ExportFailed(int spans) implements TraceEvent {}

  /** Spans did not fit the queue of those to be exported, or the broker stopped before. */
  record Dropped(int spans) implements TraceEvent {}
}
