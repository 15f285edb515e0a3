package org.wasmbroker.recording;

import org.wasmbroker.capability.Rate;
import org.wasmbroker.step.TimeSource;

/** Lets so many through per unit of time, at first as many at once. Thread-safe. */
final class RateGate {
  private final TimeSource time;
  private final int calls;
  private final long interval; // nanoseconds for one

  // Guarded by this.
  private long last;
  private double free;

  RateGate(Rate rate, TimeSource time) {
    this.time = time;
    this.calls = rate.calls();
    this.interval = Math.max(1, rate.per().toNanos() / rate.calls());
    this.last = time.nanos();
    this.free = calls;
  }

  synchronized boolean tryPass() {
    long now = time.nanos();
    free = Math.min(calls, free + (double) (now - last) / interval);
    last = now;
    if (free < 1) {
      return false;
    }
    free--;
    return true;
  }
}
