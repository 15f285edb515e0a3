package org.wasmbroker.step;

import java.time.Instant;

/** The two clocks of a stage: one for points in time, one for durations. */
public interface TimeSource {
  TimeSource SYSTEM =
      new TimeSource() {
        @Override
        public Instant now() {
          return Instant.now();
        }

        @Override
        public long nanos() {
          return System.nanoTime();
        }
      };

  /** The wall clock; it may jump. */
  Instant now();

  /** A monotonic clock, in nanoseconds from an arbitrary origin. */
  long nanos();
}
