package org.wasmbroker.sandbox;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Asks one run to stop. Any thread may ask, before or during the run; the first reason holds. The
 * engine looks at it at every tick.
 */
public final class Cancellation {
  private final AtomicReference<@Nullable String> reason = new AtomicReference<>();

  /** Asks for the stop; later calls change nothing. */
  public void request(String why) {
    reason.compareAndSet(null, why);
  }

  /** Why the run is to stop, or null while it may go on. */
  public @Nullable String reason() {
    return reason.get();
  }
}
