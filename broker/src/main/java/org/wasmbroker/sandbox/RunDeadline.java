package org.wasmbroker.sandbox;

/** The time limit that a waiting host function has to respect. */
public interface RunDeadline {
  /** Nanoseconds until the run's deadline, 0 once it has passed. */
  long remainingNanos();

  /** Whether, and why, the run should stop earlier. */
  Cancellation cancellation();

  /**
   * The host function waits for something outside from now on, until {@link #endWait}: the guest
   * leaves its processor to others.
   */
  default void beginWait() {}

  /**
   * The wait is over. Returns when the guest may use a processor again, or the run is to stop: then
   * the host function must not return to the guest.
   */
  default void endWait() {}
}
