package org.wasmbroker.sandbox;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Requests that a run stop. Any thread may request it, before or during the run; the first reason
 * wins. The engine checks it at every tick.
 */
public final class Cancellation {
  private final AtomicReference<@Nullable String> reason = new AtomicReference<>();
  private final AtomicReference<@Nullable Runnable> listener = new AtomicReference<>();
  private volatile @Nullable Thread waiter;

  /** Requests the stop; later calls have no effect. */
  public void request(String newReason) {
    if (reason.compareAndSet(null, newReason)) {
      LockSupport.unpark(waiter);
      tell();
    }
  }

  /**
   * Calls the listener once, when a stop is requested and on the thread that does it; at once if it
   * was requested before. There is one listener.
   */
  public void onRequest(Runnable onlyListener) {
    listener.set(onlyListener);
    if (reason.get() != null) {
      tell();
    }
  }

  private void tell() {
    var told = listener.getAndSet(null);
    if (told != null) {
      told.run();
    }
  }

  /** Why the run should stop, or null while it may continue. */
  public @Nullable String reason() {
    return reason.get();
  }

  /** Blocks the run's thread until a stop is requested or the time has passed. May return early. */
  public void await(long nanos) {
    waiter = Thread.currentThread();
    if (reason.get() == null) {
      LockSupport.parkNanos(this, nanos);
    }
    waiter = null;
  }
}
