package org.wasmbroker.sandbox.host;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.GuestCapability;

/**
 * Sees, and may replace, what the host tells a step's guest that no computation yields: readings of
 * clocks, random bytes, and that its time is up. A recorder keeps what passes, a replay puts what
 * was kept in its place. A step that has none in its access pays for a comparison with null. Used
 * by the step's thread.
 */
public interface RunTape extends GuestCapability {
  /** What is read. */
  enum Clock {
    /** Nanoseconds since 1970. */
    WALL,
    /** Nanoseconds since the run started. */
    ELAPSED,
    /** Nanoseconds until the run's deadline. */
    REMAINING,
    /** {@link #ELAPSED} as a call that waits reads it, before and after. */
    WAIT
  }

  /** Another run of the step begins. */
  void runStarted();

  /** The reading that the guest gets in place of the one of the clock. */
  long time(Clock clock, long reading);

  /** The first bytes of the array are random, and are what the guest gets after this call. */
  void random(byte[] bytes, int count);

  /** Whether time passes, so that a call that waits has to wait. */
  boolean timePasses();

  /**
   * A call of the host looks whether the run is over.
   *
   * @param hostCall the number of calls of the run that were let in so far
   * @param entering whether the next call is about to be let in
   * @param stop why the run is over, or null
   * @return why the run is over as far as the guest is concerned, or null
   */
  @Nullable StopReason check(long hostCall, boolean entering, @Nullable StopReason stop);
}
