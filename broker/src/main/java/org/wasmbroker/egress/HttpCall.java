package org.wasmbroker.egress;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.step.TimeSource;

/**
 * The time limit of one request, from the DNS lookup to the last byte of the response. Code that
 * waits registers with {@link #onAbort} how its wait is interrupted; the watchdog does that when
 * the time is up or the run was cancelled. Thread-safe.
 */
final class HttpCall {
  private final TimeSource time;
  private final long deadline;
  private final Cancellation cancellation;
  private @Nullable Runnable abortAction; // guarded by this
  private boolean aborted; // guarded by this
  private boolean sent; // used by the step's thread
  private boolean sentUnrepeatable; // used by the step's thread

  HttpCall(TimeSource time, long nanos, Cancellation cancellation) {
    this.time = time;
    this.deadline = time.nanos() + nanos;
    this.cancellation = cancellation;
  }

  /** The remaining time; zero when it is up. */
  Duration remaining() {
    return Duration.ofNanos(Math.max(0, deadline - time.nanos()));
  }

  /** Whether the time is up or the run was cancelled. */
  boolean isExpired() {
    return deadline - time.nanos() <= 0 || cancellation.reason() != null;
  }

  /** Sets what interrupts the current wait; runs it immediately if the call was aborted already. */
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

  /**
   * Aborts the call. A wait that begins at that moment may miss it, so this is repeated until the
   * call has ended.
   */
  void abort() {
    Runnable action;
    synchronized (this) {
      action = abortAction;
      aborted = true;
    }
    if (action != null) {
      action.run();
    }
  }

  synchronized boolean isAborted() {
    return aborted;
  }

  /**
   * From now on a server may receive a request of this call.
   *
   * @param repeatable whether receiving it twice does no harm
   */
  void sending(boolean repeatable) {
    sent = true;
    sentUnrepeatable |= !repeatable;
  }

  /** Whether a server may have received a request of this call. */
  boolean wasSent() {
    return sent;
  }

  /** Whether the call may be made once more: nothing was sent that must not be sent twice. */
  boolean isRepeatable() {
    return !sentUnrepeatable;
  }

  @Nullable String cancellationReason() {
    return cancellation.reason();
  }
}
