package org.wasmbroker.sandbox;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Asks one run to stop. Any thread may ask, before or during the run; the first reason holds. The
 * engine looks at it at every tick.
 */
public final class Cancellation {
  private final AtomicReference<@Nullable String> reason = new AtomicReference<>();
  private volatile @Nullable Thread waiter;

  /** Asks for the stop; later calls change nothing. */
  public void request(String newReason) {
    if (reason.compareAndSet(null, newReason)) {
      LockSupport.unpark(waiter);
    }
  }

  /** Why the run is to stop, or null while it may go on. */
  public @Nullable String reason() {
    return reason.get();
  }

  /**
   * Lets the run's thread wait until the stop is asked for, for so long at most. May return early.
   */
  public void await(long nanos) {
    waiter = Thread.currentThread();
    if (reason.get() == null) {
      LockSupport.parkNanos(this, nanos);
    }
    waiter = null;
  }
}
