package org.wasmbroker.sandbox;

import java.time.Duration;
import java.time.InstantSource;

/**
 * The clocks as a step's guest sees them, shared by all runs of the step and used by the step's
 * thread.
 *
 * <p>The wall clock is read once and advanced with the monotonic clock, so that it never goes
 * backwards within a step, even if the machine's clock is set back between two of its runs.
 */
public final class GuestTime implements GuestCapability {
  private final long resolution;
  private long wallOrigin;
  private boolean initialized;

  private GuestTime(long resolution) {
    this.resolution = resolution;
  }

  /**
   * @param resolution the smallest difference that the guest sees; 0 leaves the clocks unchanged
   */
  public static GuestTime of(Duration resolution) {
    if (resolution.isNegative()) {
      throw new IllegalArgumentException("a clock's resolution must not be negative");
    }
    return new GuestTime(Math.max(1, resolution.toNanos()));
  }

  /** The minimum number of nanoseconds between two different readings. */
  public long resolution() {
    return resolution;
  }

  /**
   * Nanoseconds since 1970.
   *
   * @param monotonic the current reading, always of the same clock
   */
  public long wallClock(InstantSource wall, long monotonic) {
    if (!initialized) {
      var now = wall.instant();
      wallOrigin = now.getEpochSecond() * 1_000_000_000 + now.getNano() - monotonic;
      initialized = true;
    }
    return wallOrigin + monotonic;
  }

  /** Rounds a time down to one that the guest may see. */
  public long roundDown(long nanos) {
    return nanos - Math.floorMod(nanos, resolution);
  }
}
