package org.wasmbroker.sandbox.wasmtimejava;

import java.util.function.LongSupplier;
import org.wasmbroker.sandbox.Cancellation;

/** When a run must stop: at a time of the monotonic clock, or as soon as it is cancelled. */
record Deadline(LongSupplier monotonic, long at, Cancellation cancellation) {
  static Deadline after(long nanos, LongSupplier monotonic, Cancellation cancellation) {
    return new Deadline(monotonic, monotonic.getAsLong() + nanos, cancellation);
  }

  boolean hasPassed() {
    return cancellation.reason() != null || monotonic.getAsLong() - at >= 0;
  }
}
