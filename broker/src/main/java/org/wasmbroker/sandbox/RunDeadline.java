package org.wasmbroker.sandbox;

/** The time limit that a waiting host function has to respect. */
public interface RunDeadline {
  /** Nanoseconds until the run's deadline, 0 once it has passed. */
  long remainingNanos();

  /** Whether, and why, the run should stop earlier. */
  Cancellation cancellation();
}
