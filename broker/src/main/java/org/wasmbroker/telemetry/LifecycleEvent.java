package org.wasmbroker.telemetry;

/** The broker's own start and stop. */
public sealed interface LifecycleEvent extends BrokerEvent {
  /** The broker started to drain. */
  record DrainStarted(int running, int waiting) implements LifecycleEvent {}
}
