package org.wasmbroker.sandbox.host;

import java.time.Clock;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The two clocks of a run.
 *
 * @param wall what a guest sees as the time of day; read once in a run
 * @param monotonic nanoseconds from any origin, never backwards; all durations and deadlines
 */
public record HostClocks(InstantSource wall, LongSupplier monotonic) {
  public static final HostClocks SYSTEM = new HostClocks(Clock.systemUTC(), System::nanoTime);
}
