package org.wasmbroker.sandbox;

import java.time.Duration;
import java.time.InstantSource;

/**
 * The clocks as a step's guest sees them: one for all runs of a step, used by the step's thread.
 *
 * <p>The time of day is read once and goes on with the monotonic clock, so that it never goes back
 * within a step, whatever happens to the machine's clock between two runs of it.
 */
public final class GuestTime implements GuestCapability {
  private final long resolution;
  private long wallOrigin;
  private boolean initialized;

  private GuestTime(long resolution) {
    this.resolution = resolution;
  }

  /**
   * @param resolution the smallest step that the guest sees; 0 leaves the clocks as they are
   */
  public static GuestTime of(Duration resolution) {
    if (resolution.isNegative()) {
      throw new IllegalArgumentException("a clock's resolution must not be negative");
    }
    return new GuestTime(Math.max(1, resolution.toNanos()));
  }

  /** Nanoseconds between two readings that differ, at least. */
  public long resolution() {
    return resolution;
  }

  /**
   * Nanoseconds since 1970.
   *
   * @param monotonic the same clock's nanoseconds at every call
   */
  public long wallClock(InstantSource wall, long monotonic) {
    if (!initialized) {
      var now = wall.instant();
      wallOrigin = now.getEpochSecond() * 1_000_000_000 + now.getNano() - monotonic;
      initialized = true;
    }
    return wallOrigin + monotonic;
  }

  /** The last time that the guest may see, at or before this one. */
  public long roundDown(long nanos) {
    return nanos - Math.floorMod(nanos, resolution);
  }
}
