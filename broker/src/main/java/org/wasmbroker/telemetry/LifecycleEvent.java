package org.wasmbroker.telemetry;

/** The broker's own start and stop. */
public sealed interface LifecycleEvent extends BrokerEvent {
  /** The broker started to drain. */
  record DrainStarted(int running, int waiting) implements LifecycleEvent {}

  /** Steps exceeded the grace period of the drain and are interrupted. */
  record DrainOverrun(int interrupted) implements LifecycleEvent {}

  /** Steps could not be stopped: they are available again when their leases expire. */
  record DrainStuck(int steps) implements LifecycleEvent {}
}
