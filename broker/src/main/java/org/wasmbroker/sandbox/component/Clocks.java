package org.wasmbroker.sandbox.component;

import org.wasmbroker.sandbox.component.Streams.Pollable;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;

/** {@code wasi:clocks}, over {@code clock_time_get} and {@code clock_res_get}. */
final class Clocks {
  private static final String MONOTONIC = "wasi:clocks/monotonic-clock";
  private static final String WALL = "wasi:clocks/wall-clock";
  private static final String DATETIME = "func() -> record{seconds: u64, nanoseconds: u32}";
  private static final String SUBSCRIBE = "func(u64) -> own<pollable>";
  private static final long NEVER = Long.MAX_VALUE / 2;
  private static final long SECOND = 1_000_000_000;

  private Clocks() {}

  static void define(ComponentFunctions functions) {
    var time = functions.entry("clock_time_get");
    var resolution = functions.entry("clock_res_get");
    functions.define(MONOTONIC, "now", "func() -> u64", (call, _) -> time(call, time, 1));
    functions.define(
        MONOTONIC, "resolution", "func() -> u64", (call, _) -> resolution(call, resolution, 1));
    functions.define(
        MONOTONIC,
        "subscribe-instant",
        SUBSCRIBE,
        (call, arguments) -> {
          call.count();
          return new Pollable(due(0, (long) arguments[0]));
        });
    functions.define(
        MONOTONIC,
        "subscribe-duration",
        SUBSCRIBE,
        (call, arguments) -> new Pollable(due(time(call, time, 1), (long) arguments[0])));
    functions.define(WALL, "now", DATETIME, (call, _) -> datetime(time(call, time, 0)));
    functions.define(
        WALL, "resolution", DATETIME, (call, _) -> datetime(resolution(call, resolution, 0)));
  }

  /** When a duration after a time is over; the numbers are unsigned, and centuries are never. */
  private static long due(long from, long duration) {
    return duration < 0 || duration > NEVER - from ? NEVER : from + duration;
  }

  private static long time(ComponentCall call, Entry time, int clock) throws GuestStoppedException {
    var bytes = new byte[Long.BYTES];
    call.callOn(bytes, time, clock, 1, 0);
    return ComponentCall.memory(bytes).readI64(0);
  }

  private static long resolution(ComponentCall call, Entry resolution, int clock)
      throws GuestStoppedException {
    var bytes = new byte[Long.BYTES];
    call.callOn(bytes, resolution, clock, 0);
    return ComponentCall.memory(bytes).readI64(0);
  }

  private static Object[] datetime(long nanos) {
    return new Object[] {Math.floorDiv(nanos, SECOND), Math.floorMod(nanos, SECOND)};
  }
}
