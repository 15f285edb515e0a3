package org.wasmbroker.sandbox;

/** What a host function that waits has to keep to. */
public interface RunClock {
  /** Nanoseconds to the run's deadline, 0 when it has passed. */
  long left();

  /** Whether, and why, the run is to stop before that. */
  Cancellation cancellation();
}
