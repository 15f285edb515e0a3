package org.wasmbroker.egress;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.step.TimeSource;

/**
 * The time of one request: from the look-up of its name to the last byte of its answer. Whoever
 * waits for something says by {@link #onAbort} how the wait is cut short; the watchdog does that
 * when the time is over or the run was cancelled. Thread-safe.
 */
final class HttpCall {
  private final TimeSource time;
  private final long deadline;
  private final Cancellation cancellation;
  private @Nullable Runnable abortAction; // guarded by this
  private boolean aborted; // guarded by this

  HttpCall(TimeSource time, long nanos, Cancellation cancellation) {
    this.time = time;
    this.deadline = time.nanos() + nanos;
    this.cancellation = cancellation;
  }

  /** What is left of the time; zero when it has passed. */
  Duration remaining() {
    return Duration.ofNanos(Math.max(0, deadline - time.nanos()));
  }

  /** Whether it is over, by the clock or by whoever stopped the run. */
  boolean isExpired() {
    return deadline - time.nanos() <= 0 || cancellation.reason() != null;
  }

  /** From now on this is what ends the waiting; at once if the call has ended already. */
  void onAbort(Runnable action) {
    boolean alreadyAborted;
    synchronized (this) {
      abortAction = action;
      alreadyAborted = aborted;
    }
    if (alreadyAborted) {
      action.run();
    }
  }

  /** Ends the call; later calls change nothing. */
  void abort() {
    Runnable action;
    synchronized (this) {
      action = aborted ? null : abortAction;
      aborted = true;
    }
    if (action != null) {
      action.run();
    }
  }

  synchronized boolean isAborted() {
    return aborted;
  }

  @Nullable String cancellationReason() {
    return cancellation.reason();
  }
}
