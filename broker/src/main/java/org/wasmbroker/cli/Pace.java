package org.wasmbroker.cli;

import java.time.Duration;
import org.wasmbroker.step.TimeSource;

/** How fast things are done: so many per second, in batches. */
final class Pace {
  private static final int MAX_BATCH = 100;
  private static final long NANOS = 1_000_000_000;

  private final int rate;
  private final TimeSource time;
  private final long began;

  /**
   * @param rate per second; 0 for no limit
   */
  Pace(int rate, TimeSource time) {
    this.rate = rate;
    this.time = time;
    this.began = time.nanos();
  }

  /** How many to do at once. */
  int batch() {
    return rate == 0 ? MAX_BATCH : Math.min(MAX_BATCH, rate);
  }

  /** How long to wait after so many have been done altogether. */
  Duration after(long done) {
    if (rate == 0) {
      return Duration.ZERO;
    }
    long due = done / rate * NANOS + done % rate * NANOS / rate;
    return Duration.ofNanos(Math.max(0, due - (time.nanos() - began)));
  }
}
