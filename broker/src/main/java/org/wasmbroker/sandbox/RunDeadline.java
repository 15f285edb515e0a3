package org.wasmbroker.sandbox;

/** What a host function that waits has to keep to. */
public interface RunDeadline {
  /** Nanoseconds to the run's deadline, 0 when it has passed. */
  long remainingNanos();

  /** Whether, and why, the run is to stop before that. */
  Cancellation cancellation();
}
