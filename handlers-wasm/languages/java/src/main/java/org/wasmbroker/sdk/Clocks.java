package org.wasmbroker.sdk;

import java.time.Duration;

/** The clocks of a run. {@link System#currentTimeMillis()} is the wall clock. */
public final class Clocks {
  private Clocks() {}

  /** Since the run started. */
  public static Duration elapsed() {
    return Duration.ofNanos(Host.time(1));
  }

  /** Until the deadline of the run. */
  public static Duration remaining() {
    return Duration.ofNanos(Host.time(2));
  }
}
